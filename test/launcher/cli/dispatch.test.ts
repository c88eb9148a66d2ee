import t from 'tap'
import { PassThrough, Readable, Writable } from 'node:stream'
import { dispatch } from '../../../launcher/cli/dispatch.ts'
import { packageVersion } from '../../../launcher/cli/version.ts'
import { commandLine } from '../../fixtures/command-line.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

t.test('help and version go to standard output', async t => {
  for (const argv of [['help'], ['--help'], ['-h']]) {
    t.match(await commandLine(argv), { code: 0, stdout: /^Usage: job-launcher COMMAND/, stderr: '' })
  }
  for (const argv of [
    ['help', 'run'],
    ['run', '--help'],
    ['run', '--tag', 'x', '--help']
  ]) {
    t.match(await commandLine(argv), { code: 0, stdout: /^Usage: job-launcher run / })
  }
  for (const argv of [['version'], ['--version']]) {
    t.same(await commandLine(argv), { code: 0, stdout: `${packageVersion()}\n`, stderr: '' })
  }
})

t.test('a wrong command line exits with 64 and a suggestion', async t => {
  t.match(await commandLine([]), { code: 64, stdout: '', stderr: /^Usage/ })
  t.match(await commandLine(['jobz']), {
    code: 64,
    stderr: 'job-launcher: there is no command "jobz"; did you mean jobs?\n'
  })
  t.match(await commandLine(['help', 'zzzzzz']), { code: 64, stderr: 'there is no command "zzzzzz"\n' })
  t.match(await commandLine(['jobs', '--stauts', 'Running']), {
    code: 64,
    stderr: 'jobs: there is no option --stauts; did you mean --status?'
  })
})

t.test('an unreachable launcher gives one sentence, what to do, and exit code 69', async t => {
  t.same(await commandLine(['jobs', '--socket', '/nowhere/launcher.sock']), {
    code: 69,
    stdout: '',
    stderr:
      'job-launcher: no launcher answers at /nowhere/launcher.sock: the socket does not exist\nStart it, or name its ' +
      'socket with --socket or JOB_LAUNCHER_SOCKET.\n'
  })
})

t.test('text from the launcher is shown without terminal control characters', async t => {
  const { address } = await stubLauncher(t, (_, response) =>
    response.writeHead(404).end('{"code":"JobNotFound","detail":"no \\u001b[2J"}')
  )
  t.match(await commandLine(['show', 'x'], { env: { JOB_LAUNCHER_SOCKET: address } }), {
    code: 65,
    stderr: /^job-launcher: no \\x1b\[2J\n/
  })
})

t.test('a defect is shown with its stack and exits with 70', async t => {
  t.match(await commandLine(['show', 'x'], { env: undefined as never }), {
    code: 70,
    stderr: /^job-launcher: TypeError[^]*\n +at /
  })
})

t.test('a reader that closes its end makes the command end quietly', async t => {
  const stdout = new Writable({
    write (_data, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    }
  })
  const stderr = new PassThrough()
  const code = await dispatch(['help'], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: {},
    signal: new AbortController().signal,
    loadPlugins: async () => []
  })
  t.equal(code, 0)
  t.equal(stderr.read(), null)
})
