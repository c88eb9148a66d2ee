import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine } from '../../fixtures/command-line.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

const here = place(t)
await start(t, here)
const running = async (tags: string[]): Promise<string> => {
  const { id } = await here.client.submit({ name: 'a', command: 'exec sleep 600', tags })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  return id
}
const control = (...args: string[]) => commandLine(['control', '--socket', here.socket, ...args])

t.test('an operation is requested and the job reaches its status', async t => {
  const { id } = await here.client.submit({ name: 'a', command: 'exec sleep 600' })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  t.match(await control(id, 'kill'), { code: 0, stdout: new RegExp(`^${id} [A-Z][a-z]+\n$`) })
  t.equal((await here.client.ended(id)).status, 'Killed')
  t.match(await control(id, 'kill'), { code: 65, stderr: /Killed/ })
})

t.test('--json prints the job', async t => {
  const { id } = await here.client.submit({ name: 'a', command: 'exec sleep 600' })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  t.match(JSON.parse((await control(id, 'kill', '--json')).stdout), { id })
  await here.client.ended(id)
})

t.test('an operation that does not exist is refused before any request', async t => {
  t.match(await control('x', 'stpo'), { code: 64, stderr: /there is no operation "stpo"/ })
  t.match(await control('x', 'stopp'), { code: 64, stderr: /did you mean stop\?/ })
  t.match(await control('x'), { code: 64, stderr: /OPERATION is missing/ })
})

t.test('options select the jobs of an operation, and a repeat finds none', async t => {
  const [a, b, other] = [await running(['x']), await running(['x', 'y']), await running(['y'])]
  const { code, stdout } = await control('kill', '--tag', 'x', '--user', (await here.client.get(a)).user)
  t.equal(code, 0)
  t.match(stdout, new RegExp(`^${b} [A-Z][a-z]+\n${a} [A-Z][a-z]+\n$`))
  for (const id of [a, b]) t.equal((await here.client.ended(id)).status, 'Killed')
  t.match(await control('kill', '--tag', 'x'), { code: 0, stdout: '', stderr: 'No job that matches is unfinished.\n' })
  t.equal((await here.client.get(other)).status, 'Running')
  t.match(JSON.parse((await control('kill', '--all', '--json')).stdout), { id: other, operation: 'kill' })
  await here.client.ended(other)
})

t.test('a job that fails is on standard error beside the others, and its code decides the exit code', async t => {
  const { address } = await stubLauncher(t, (_, response) => response.end(JSON.stringify({
    jobs: [
      { id: 'a', code: 'InvalidJobState', detail: 'Job a is Suspended.' },
      { id: 'b', operation: 'suspend', status: 'Suspended' },
      { id: 'c', code: 'RequestTimeout', detail: 'No answer.' }
    ],
    complete: false
  })))
  t.match(await commandLine(['control', 'suspend', '--all', '--socket', address]), {
    code: 65,
    stdout: 'b Suspended\n',
    stderr: 'job-launcher: a: Job a is Suspended. (InvalidJobState)\njob-launcher: c: No answer. (RequestTimeout)\n' +
      'Jobs of an earlier launcher may be missing: not all of them are known yet.\n'
  })
})

t.test('an operation without a job, or with a job and options that select others, is refused', async t => {
  t.match(await control('kill'), { code: 64, stderr: /ID is missing, or options that select jobs, such as --tag/ })
  t.match(await control('x', 'kill', '--tag', 'a'), { code: 64, stderr: /unexpected argument "kill"/ })
  t.match(await control('x', 'kill', '--all'), { code: 64, stderr: /unexpected argument "kill"/ })
  t.match(await control('kill', '--all', '--tag', 'a'), { code: 64, stderr: /--all is for all jobs/ })
  t.match(await control('kill', '--name', '*'), { code: 65, stderr: /has no filter/ })
})
