import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { PROCESS_LOGS_FOLDER } from '../../../../plugins/kubernetes/metadata/names.ts'
import { scriptFailure, scriptToken } from '../../../../plugins/kubernetes/metadata/script-message.ts'
import { containerProgram } from '../../../../plugins/kubernetes/objects/container-command.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import {
  processLogParts,
  withProcessLogs
} from '../../../../plugins/kubernetes/objects/process-logs.ts'
import { expand } from '../expand.ts'
import { jobWith, settings } from '../sample-objects.ts'

const data = { source: { persistentVolumeClaim: { claimName: 'c' } }, subPath: 'site', waitSeconds: 5 }
const processLogs = "process-logs/it's $(HOME)-0123"
const token = '0123456789abcdef'.repeat(2)
const SHELLS = ['dash', 'bash', 'busybox'] as const

t.test("the pod mounts the job's own folder only, from one volume that its data mounts share", async t => {
  const podSpec = (dataMounts?: JobSubmission['dataMounts']) =>
    jobObject(jobWith(dataMounts && { dataMounts }), { ...settings, data, processLogs: 'logs/1' }).spec!.template.spec!
  const ofLogs = { name: 'host-data', mountPath: PROCESS_LOGS_FOLDER, subPath: 'site/logs/1' }
  const volume = { name: 'host-data', persistentVolumeClaim: { claimName: 'c' } }
  t.strictSame(podSpec().volumes, [volume])
  t.strictSame(podSpec().containers[0]!.volumeMounts, [ofLogs])
  const both = podSpec([{ path: 'a', mountPath: '/a' }])
  t.strictSame(both.volumes, [volume])
  t.strictSame(both.containers[0]!.volumeMounts, [
    { name: 'host-data', mountPath: '/a', subPath: 'site/a' },
    ofLogs
  ])
  t.match(both.containers[0], { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' })
})

t.test('files that the job chose are opened in the place of its own', async t => {
  const program = { command: ['a'] }
  const chosen = { stdoutFile: "/app/it's", stderrFile: '/app/b' }
  const [, , , script = ''] = withProcessLogs(program, { data, processLogs }, chosen).command!
  t.match(script, 'exec "$$@" >> \'/app/it\'\\\'\'s\' 2>> \'/app/b\'')
  t.notMatch(script, PROCESS_LOGS_FOLDER + '/std', 'they need not exist')
  const [, , , one = ''] = withProcessLogs(program, { data, processLogs }, { stdoutFile: '/app/a' }).command!
  t.match(one, `>> '/app/a' 2>> '${PROCESS_LOGS_FOLDER}/stderr'`)
  t.notMatch(one, `${PROCESS_LOGS_FOLDER}/stdout`)
})

t.test('without a folder of process logs the pod is that of a job with node logs', async t => {
  const none = { initContainers: [], volumes: [], volumeMounts: [] }
  t.strictSame(processLogParts({ data }), none)
  t.strictSame(processLogParts({ processLogs }), none)
  t.strictSame(withProcessLogs({ command: ['a'] }, { data }), { command: ['a'] })
})

interface Run {
  readonly folder: string
  readonly env?: NodeJS.ProcessEnv
  readonly files?: boolean
  readonly meanwhile?: string
}

/** Runs the container's command on this machine with one of the shells, and files in a folder of the test. */
async function run (
  shell: string, submission: Partial<JobSubmission>, { folder, env = {}, files = true, meanwhile = '' }: Run
) {
  const logs = join(folder, 'logs')
  const message = join(folder, 'message')
  const bin = join(folder, 'bin')
  for (const made of [logs, bin]) {
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made)
  }
  rmSync(message, { force: true })
  symlinkSync(`/usr/bin/${shell}`, join(bin, 'sh'))
  writeFileSync(join(bin, 'sleep'), `#!/bin/sh\n${meanwhile.replaceAll('LOGS', logs)}\n`, { mode: 0o755 })
  if (files) for (const name of ['stdout', 'stderr']) writeFileSync(join(logs, name), '')
  const program = containerProgram({ name: 'x', container: { image: 'i' }, ...submission })
  const { command } = withProcessLogs(program, { data, processLogs, scriptToken: token }, submission)
  const words = command!.map(word => expand(word, { HOME: 'expanded' }))
  const script = words[3]!
    .replaceAll(PROCESS_LOGS_FOLDER, logs)
    .replaceAll('/dev/termination-log', message)
    // Some builds of busybox prefer their own program of that name.
    .replaceAll('sleep 1', join(bin, 'sleep'))
  const { code, stdout } = await promisify(execFile)(join(bin, 'sh'), words.slice(1).with(2, script), {
    cwd: folder,
    env: { PATH: `${bin}:/usr/bin:/bin`, ...env }
  }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    error => error as { code: number, stdout: string }
  )
  const read = (path: string) => existsSync(path) ? readFileSync(path, 'utf8') : undefined
  return {
    code,
    containerLog: stdout,
    stdout: read(join(logs, 'stdout')),
    stderr: read(join(logs, 'stderr')),
    failure: scriptFailure(read(message)),
    token: scriptToken(read(message))
  }
}

function eachShell (title: string, body: (t: Test, shell: string, folder: string) => Promise<unknown>): void {
  t.test(title, async t => {
    for (const shell of SHELLS) {
      const skip = existsSync(`/usr/bin/${shell}`) ? false : `this machine has no ${shell}`
      await t.test(shell, { skip }, async t => body(t, shell, t.testdir({})))
    }
  })
}

eachShell('the output goes to the files, and the container says where they are', async (t, shell, folder) => {
  t.strictSame(await run(shell, { command: 'echo out; echo err >&2; exit 3' }, { folder }), {
    code: 3,
    containerLog: `job-launcher: the output is in the data of the host: ${processLogs}/stdout and ` +
      `${processLogs}/stderr\n`,
    stdout: 'out\n',
    stderr: 'err\n',
    failure: undefined,
    token: undefined
  })
})

eachShell('every argument arrives unchanged', async (t, shell, folder) => {
  const text = fc.string({
    unit: fc.constantFrom('$', '(', ')', 'H', 'O', 'M', 'E', '"', "'", '\\', ' ', '\n', 'é', '-', '*'),
    maxLength: 12
  })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 4 }), async args => {
      const { stdout } = await run(shell, { exe: '/usr/bin/printf', args: ['<%s>', ...args] }, { folder })
      t.equal(stdout, args.length === 0 ? '<>' : args.map(arg => `<${arg}>`).join(''))
    }),
    { numRuns: 15, examples: [[['', '\n', '-x', '--', '$(HOME)']]] }
  )
})

eachShell('the shell becomes the program, which gets two descriptors', async (t, shell, folder) => {
  // eslint-disable-next-line no-template-curly-in-string
  const args = ['-c', 'echo $PPID; for fd in /proc/$$/fd/*; do echo "${fd##*/} $(readlink "$fd")"; done']
  const { stdout } = await run(shell, { exe: '/bin/sh', args }, { folder })
  const [parent, ...descriptors] = stdout!.split('\n')
  t.equal(parent, String(process.pid))
  t.strictSame(descriptors.filter(text => text.includes(folder)), [
    `1 ${folder}/logs/stdout`,
    `2 ${folder}/logs/stderr`
  ])
})

eachShell('the environment of the program is that of the container', async (t, shell, folder) => {
  const env = { A: ' a\n', job: 'b', HOME: '/h', HOSTNAME: 'n', TERM: 'x' }
  const { stdout } = await run(shell, { exe: '/usr/bin/env', args: ['-0'] }, { folder, env })
  const PATH = `${join(folder, 'bin')}:/usr/bin:/bin`
  // tap adds variables of its own to those of every process.
  const variables = stdout!.split('\0').filter(text => !/^($|_TAPJS|NODE_OPTIONS=)/.test(text))
  t.strictSame(
    Object.fromEntries(variables.map(text => text.split(/=([^]*)/).slice(0, 2))),
    { PATH, ...env, ...(shell === 'bash' && { SHLVL: '0' }) }
  )
})

eachShell('a program that cannot be executed is reported as such', async (t, shell, folder) => {
  for (const [exe, found] of [['nosuch-4711', false], ['/no/such', false], ['/tmp', true], ['-x', false]] as const) {
    t.match(await run(shell, { exe }, { folder }), { failure: { kind: 'not-executed', found }, stdout: '' }, exe)
  }
})

eachShell('a program whose interpreter is missing is reported with its first line', async (t, shell, folder) => {
  const exe = join(folder, 'prog')
  for (const [text, firstLine] of [
    ['#!/no/such/R -f\nquit()\n', '#!/no/such/R -f'], ['#!/bin/sh\r\nexit\r\n', '#!/bin/sh\r'],
    [`#!/no/${'x'.repeat(200)}\n`, `#!/no/${'x'.repeat(154)}`]
  ] as const) {
    writeFileSync(exe, text, { mode: 0o755 })
    const { failure, stderr } = await run(shell, { exe }, { folder })
    t.strictSame(failure, { kind: 'not-executed', found: true, firstLine }, text.slice(0, 20))
    t.notMatch(stderr, /head|tr:/)
  }
})

eachShell("a program's own exit codes 126 and 127 are its own", async (t, shell, folder) => {
  for (const code of [125, 126, 127]) {
    t.match(await run(shell, { command: `exit ${code}` }, { folder }), { code, failure: undefined })
  }
  t.match(await run(shell, { command: 'nosuch-4711' }, { folder }), { code: 127, failure: undefined })
})

eachShell('files that do not appear are reported', async (t, shell, folder) => {
  const { containerLog, ...ended } = await run(shell, { command: 'echo out' }, { folder, files: false })
  t.strictSame(ended, { code: 125, stdout: undefined, stderr: undefined, failure: { kind: 'missing' }, token })
  t.equal(containerLog, '')
})

eachShell('files that appear late are used', async (t, shell, folder) => {
  const meanwhile = 'if [ -e LOGS/stdout ]; then : > LOGS/stderr; else : > LOGS/stdout; fi'
  t.match(await run(shell, { command: 'echo out' }, { folder, files: false, meanwhile }), { code: 0, stdout: 'out\n' })
})

eachShell('a file that cannot be opened is reported with its stream and the token', async (t, shell, folder) => {
  for (const [stream, field] of [['stdout', 'stdoutFile'], ['stderr', 'stderrFile']] as const) {
    const { failure, ...ended } = await run(shell, { command: 'echo a', [field]: `${folder}/no dir/it's` }, { folder })
    t.match(failure, { kind: 'not-writable', stream, words: /no dir\/it's/ })
    t.match(ended, { code: 125, token, stdout: '', stderr: '' })
  }
})

eachShell('a FIFO is not opened, which would wait for a reader, but reported', async (t, shell, folder) => {
  const fifo = join(folder, 'it\'s a "FIFO" $HOME')
  execFileSync('mkfifo', [fifo])
  symlinkSync(fifo, join(folder, 'link'))
  for (const [stream, field] of [['stdout', 'stdoutFile'], ['stderr', 'stderrFile']] as const) {
    for (const path of [fifo, join(folder, 'link')]) {
      const { failure, ...ended } = await run(shell, { command: 'echo a', [field]: path }, { folder })
      t.strictSame(failure, { kind: 'not-writable', stream, words: `${path}: is a FIFO` })
      t.match(ended, { code: 125, token, stdout: '', stderr: '' })
    }
  }
})

eachShell('a program does not find the token where it looks', async (t, shell, folder) => {
  const command = 'tr "\\0" "\\n" < /proc/$$/cmdline; set; env; cat /proc/$$/environ; echo "$0" "$@"'
  const { code, stdout } = await run(shell, { command }, { folder })
  t.equal(code, 0)
  t.match(stdout, 'PATH=')
  t.notMatch(stdout, token)
})
