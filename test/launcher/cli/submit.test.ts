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

t.test('--count submits an array and prints its id, which selects its jobs', async t => {
  const command = 'echo $JOB_ARRAY_ID $JOB_ARRAY_INDEX $JOB_ARRAY_COUNT'
  const { code, stdout } = await submit(['-f', '-', '--count', '3'], JSON.stringify({ name: 'a', command }))
  t.equal(code, 0)
  t.match(stdout, /^[0-9a-z]{26}\n$/)
  const array = stdout.trim()
  const jobs = await collect(here.client.list({ array }))
  t.strictSame(jobs.map(job => job.array), [2, 1, 0].map(index => ({ id: array, index, count: 3 })))
  for (const { id, array: place } of jobs) {
    await here.client.ended(id)
    const output = Buffer.concat(await collect(here.client.output(id, { stream: 'stdout' }))).toString()
    t.equal(output, `${array} ${place!.index} 3\n`)
  }
  const listed = await commandLine(['jobs', '--socket', here.socket, '--array', array, '--json'])
  t.equal(listed.stdout.trim().split('\n').length, 3)
  const { stdout: json } = await submit(['-f', '-', '--json', '--count', '2'], '{"name":"a","command":"true"}')
  t.match(JSON.parse(json), { array: { count: 2 }, ids: [/^[0-9a-z]{26}$/, /^[0-9a-z]{26}$/] })
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
  t.match(await submit(['-f', '-', '--count', '1'], '{"name":"a","command":"true"}'), { code: 65, stderr: /count/ })
  t.equal(await countJobs(), before)
})

async function countJobs (): Promise<number> {
  return (await collect(here.client.list())).length
}

t.test('--priority has precedence over the file, and the launcher refuses what is out of range', async t => {
  const job = '{"name":"a","command":"true","priority":1}'
  const { stdout } = await submit(['-f', '-', '--priority=-7', '--json'], job)
  t.match(JSON.parse(stdout), { priority: -7 })
  t.match(await submit(['-f', '-', '--priority', 'high'], '{}'), {
    code: 64, stderr: /--priority high: must be a whole number/
  })
  t.match(await submit(['-f', '-', '--priority', '1001'], job), {
    stderr: /priority \(body\) is not a whole number from -1000 to 1000: 1001\./
  })
})
