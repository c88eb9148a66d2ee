import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine, type CommandLineOptions } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const output = (args: string[], surroundings: CommandLineOptions = {}) =>
  commandLine(['output', '--socket', here.socket, ...args], surroundings)

const { id } = await here.client.submit({ name: 'a', command: 'printf 0123456789; printf errors >&2' })
await here.client.ended(id)

t.test('each stream is printed to its counterpart, or one of them alone', async t => {
  t.same(await output([id]), { code: 0, stdout: '0123456789', stderr: 'errors' })
  t.same(await output([id, '--stream', 'stdout', '--from', '7']), { code: 0, stdout: '789', stderr: '' })
  t.same(await output([id, '--stream', 'stderr']), { code: 0, stdout: '', stderr: 'errors' })
})

t.test('--follow waits for the end of the job', async t => {
  const job = await here.client.submit({
    name: 'b',
    workingDirectory: here.folder,
    command: 'echo begin; while [ ! -e go ]; do sleep 0.05; done; echo end'
  })
  const go = async () => {
    await here.client.submit({ name: 'go', workingDirectory: here.folder, command: 'touch go' })
  }
  const outcome = await output([job.id, '--follow'], {
    onStdout: soFar => {
      if (soFar === 'begin\n') go()
    }
  })
  t.same(outcome, { code: 0, stdout: 'begin\nend\n', stderr: '' })
})

t.test('an interrupt ends following and leaves the job alone', async t => {
  const job = await here.client.submit({ name: 'c', command: 'echo begin; exec sleep 600' })
  const interrupt = new AbortController()
  const outcome = await output([job.id, '--follow'], { signal: interrupt.signal, onStdout: () => interrupt.abort() })
  t.match(outcome, { code: 0, stdout: 'begin\n' })
  for await (const { status } of here.client.events({ id: job.id })) if (status !== 'Pending') break
  t.equal((await here.client.get(job.id)).status, 'Running')
  await here.client.control(job.id, 'kill')
  await here.client.ended(job.id)
})

t.test('impossible options are refused', async t => {
  t.match(await output([]), { code: 64, stderr: /ID is missing/ })
  t.match(await output([id, '--stream', 'all']), {
    code: 64,
    stderr: /--stream all: must be stdout, stderr or both/
  })
  t.match(await output([id, '--from', '3']), { code: 64, stderr: /--from needs --stream/ })
  t.match(await output([id, '--stream', 'stdout', '--from', '11']), { code: 65, stdout: '', stderr: /10/ })
})
