import t from 'tap'
import { jobExitCode } from '../../../launcher/cli/run.ts'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine, type CommandLineOptions } from '../../fixtures/command-line.ts'

const here = place(t)
await start(t, here)
const run = (args: string[], surroundings: CommandLineOptions = {}) =>
  commandLine(['run', '--socket', here.socket, ...args], surroundings)

t.test('both streams and the exit code are those of the program', async t => {
  const outcome = await run(['--', '/bin/sh', '-c', 'printf out; printf err >&2; exit 3'])
  t.same(outcome, { code: 3, stdout: 'out', stderr: 'err' })
})

t.test('name, tags, environment and folder are those given', async t => {
  const outcome = await run([
    '--name',
    'a name',
    '--tag',
    'x',
    '--tag',
    'y',
    '--env',
    'A=b=c',
    '--env',
    'EMPTY=',
    '--workdir',
    here.folder,
    '--cluster',
    'Local',
    '--',
    '/bin/sh',
    '-c',
    'echo "$A|$EMPTY|$PWD|$1"',
    'sh',
    '--x'
  ])
  t.same(outcome, { code: 0, stdout: `b=c||${here.folder}|--x\n`, stderr: '' })
  for await (const job of here.client.list({ tag: ['x', 'y'] })) t.match(job, { name: 'a name' })
})

t.test('an image requires a container, which the local cluster does not have', async t => {
  t.match(await run(['--image', 'registry.example/r:1', '--', 'true']), {
    code: 65,
    stderr: /The cluster Local cannot honour the field container/
  })
})

t.test('bytes that are not text pass unchanged', async t => {
  const { stdout } = await run([
    '--',
    '/bin/sh',
    '-c',
    'i=0; while [ $i -lt 2000 ]; do echo "line $i ü"; i=$((i+1)); done'
  ])
  t.equal(stdout, Array.from({ length: 2000 }, (_, i) => `line ${i} ü\n`).join(''))
})

t.test('a program that never ran exits with 125 and the reason', async t => {
  t.match(await run(['--', '/nowhere/program']), {
    code: 125,
    stdout: '',
    stderr: /^job-launcher: job \S+ Failed \(ExecutableNotFound\): .+\n$/
  })
})

t.test('an interrupt stops the job, and the program may end in its own way', async t => {
  const interrupt = new AbortController()
  const outcome = await run(
    ['--', '/bin/sh', '-c', 'trap "echo stopping; exit 9" TERM; echo ready; while :; do sleep 0.1; done'],
    {
      signal: interrupt.signal,
      onStdout: () => interrupt.abort()
    }
  )
  t.match(outcome, { code: 9, stdout: 'ready\nstopping\n' })
})

t.test('a second interrupt kills the job', async t => {
  const interrupt = new AbortController()
  const force = new AbortController()
  const outcome = await run(['--', '/bin/sh', '-c', 'trap "echo no" TERM; echo ready; while :; do sleep 0.1; done'], {
    signal: interrupt.signal,
    force: force.signal,
    onStdout: soFar => soFar.includes('no') ? force.abort() : interrupt.abort()
  })
  t.match(outcome, { code: 137, stdout: /^ready\nno\n/, stderr: /Killed \(KilledOnRequest\)/ })
})

t.test('an interrupt before the job exists stops the job', async t => {
  t.match(await run(['--', 'sleep', '600'], { signal: AbortSignal.abort() }), {
    code: Number, stderr: /Canceled|before its program started|^$/
  })
  for await (const job of here.client.list({ status: ['Pending', 'Running'] })) t.fail(`${job.name} still runs`)
})

t.test('a wrong command line runs nothing', async t => {
  t.match(await run([]), { code: 64, stderr: /COMMAND is missing/ })
  t.match(await run(['--env', 'A', '--', 'true']), { code: 64, stderr: /--env A: must have the form NAME=VALUE/ })
  t.match(await run(['--cluster', 'None', '--', 'true']), { code: 65, stderr: /There is no cluster None/ })
})

t.test("a job's exit code is passed on, whatever the job's status", async t => {
  for (const status of ['Finished', 'Failed', 'Killed'] as const) {
    t.equal(jobExitCode({ status, exitCode: 3 }), 3, status)
  }
})

t.test('a job without an exit code gives 125 if it never ran and 137 if it was killed', async t => {
  t.equal(jobExitCode({ status: 'Failed' }), 125)
  t.equal(jobExitCode({ status: 'Canceled' }), 125)
  t.equal(jobExitCode({ status: 'Killed' }), 137)
  t.equal(jobExitCode({ status: 'Finished' }), 125, 'stopped before its program started')
})
