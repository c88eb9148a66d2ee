import t from 'tap'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { place, start } from '../../e2e/launcher-process.ts'
import { collect } from '../../fixtures/collect.ts'
import { commandLine } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const submit = (args: string[], stdin = '') => commandLine(['submit', '--socket', here.socket, ...args], { stdin })

t.test('a job from a file or from standard input is submitted, and its id printed', async t => {
  const file = join(here.folder, 'job.json')
  await writeFile(file, '{"name":"from a file","command":"true"}')
  for (const [outcome, name] of [
    [await submit(['-f', file]), 'from a file'],
    [await submit(['--file', '-'], '{"name":"piped","command":"true"}'), 'piped']
  ] as const) {
    t.match(outcome, { code: 0, stdout: /^[0-9a-z]{26}\n$/, stderr: '' })
    t.equal((await here.client.get(outcome.stdout.trim())).name, name)
  }
})

t.test('--json prints the whole job', async t => {
  const { stdout } = await submit(['-f', '-', '--json'], '{"name":"a","command":"true"}')
  t.match(JSON.parse(stdout), { name: 'a', status: 'Pending', cluster: 'Local' })
})

t.test('a wrong submission is named, and nothing is submitted', async t => {
  const before = await countJobs()
  t.match(await submit([]), { code: 64, stderr: /--file FILE is missing/ })
  t.match(await submit(['-f', '/nowhere/job.json']), { code: 78, stderr: /\/nowhere\/job.json cannot be read: ENOENT/ })
  t.match(await submit(['-f', '-'], '{"name":'), { code: 65, stderr: /standard input: / })
  t.match(await submit(['-f', '-'], '{"name":"a","comand":"true"}'), {
    code: 65,
    stderr: /comand.*did you mean command\?/
  })
  t.match(await submit(['-f', '-', 'x']), { code: 64, stderr: /unexpected argument "x"/ })
  t.equal(await countJobs(), before)
})

async function countJobs (): Promise<number> {
  return (await collect(here.client.list())).length
}
