import { spawnSync } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { isShellName, jobEnvironment, launchScript } from '../../../plugins/local/launch-script.ts'

const ID = '0'.repeat(26)
/** Standard input of the program. */
const NOTHING = openSync('/dev/null', 'r')
const account = { name: 'alice', home: '/', shell: '/bin/sh' }
const shells: Array<[string, string[]]> = ([
  ['/bin/dash', []], ['/bin/busybox', ['ash']], ['/bin/bash', ['--posix']]
] satisfies Array<[string, string[]]>).filter(([path]) => existsSync(path))

function run (
  [shell, options]: [string, string[]], submission: Partial<JobSubmission>, cwd = '/', user = account
) {
  const script = launchScript({ id: ID, submission: { name: 'x', ...submission }, account: user, ports: [] })
  const { stdout, stderr, output, status } = spawnSync(shell, [...options, '-s'], {
    input: script,
    cwd,
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', NOTHING],
    encoding: 'utf8'
  })

  return { stdout, stderr, status, report: output[3] }
}

t.test("the environment is ours, then the job's, then what only the launcher knows", t => {
  const environment = jobEnvironment({
    id: ID,
    account,
    ports: [4000, 4001],
    submission: {
      name: 'x',
      exe: 'x',
      environment: [
        { name: 'LANG', value: 'C' },
        { name: 'JOB_LAUNCHER_JOB_ID', value: 'forged' }
      ],
      secrets: [{ name: 'TOKEN', value: 't' }]
    }
  })
  t.same(Object.fromEntries(environment), {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    USER: 'alice',
    LOGNAME: 'alice',
    SHELL: '/bin/sh',
    LANG: 'C',
    TOKEN: 't',
    JOB_PORT: '4000',
    JOB_PORT_0: '4000',
    JOB_PORT_1: '4001',
    JOB_LAUNCHER_JOB_ID: ID
  })
  t.end()
})

t.test('a job of an array finds its place in its environment, which it cannot set itself', t => {
  const submission = { name: 'x', exe: 'x', environment: [{ name: 'JOB_ARRAY_INDEX', value: '9' }] }
  const array = { id: 'y', index: 2, count: 3 }
  const environment = Object.fromEntries(jobEnvironment({ id: ID, account, ports: [], submission, array }))
  t.match(environment, { JOB_ARRAY_ID: 'y', JOB_ARRAY_INDEX: '2', JOB_ARRAY_COUNT: '3' })
  t.end()
})

t.test('names that a shell reserves for itself are not exported by it', t => {
  for (const name of [
    'IFS',
    'PWD',
    'OLDPWD',
    'OPTIND',
    'LINENO',
    'PPID',
    'PS1',
    'ENV',
    'BASH_ENV',
    'UID',
    'MAILCHECK',
    '_',
    'a.b',
    'a-b'
  ]) { t.notOk(isShellName(name), name) }
  for (const name of ['PATH', 'LD_PRELOAD', 'R_HOME', '_x', 'TERM', 'PSQL']) t.ok(isShellName(name), name)
  t.end()
})

for (const shell of shells) {
  t.test(`${shell[0]}: args and environment of any content arrive byte for byte`, t => {
    const text = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter(text => text.isWellFormed() && !text.includes('\0'))
    const name = fc
      .oneof(
        fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/),
        fc.constantFrom(
          'IFS',
          'OPTIND',
          'PS4',
          'ENV',
          'PPID',
          'CDPATH',
          'LC_ALL',
          'LINENO',
          'OLDPWD',
          'BASH_ENV',
          'UID',
          'job_exe'
        )
      )
      .filter(name => !['PATH', 'PWD', 'SHLVL', '_', 'JOB_LAUNCHER_JOB_ID'].includes(name))
    const variables = fc.uniqueArray(fc.record({ name, value: text }), { selector: ({ name }) => name, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), variables, (args, environment) => {
        t.same(
          run(shell, { exe: 'printf', args: ['%s\\0', 'first', ...args], environment }).stdout,
          ['first', ...args, ''].join('\0')
        )
        const seen = run(shell, { exe: 'env', args: ['-0'], environment }).stdout.split('\0')
        t.same(
          environment.filter(({ name, value }) => !seen.includes(`${name}=${value}`)),
          []
        )
      }),
      { numRuns: 50 }
    )
    t.end()
  })

  t.test(`${shell[0]}: a command receives args as "$@"`, t => {
    t.equal(run(shell, { command: 'printf "<%s>"', args: ['a b', '*'] }).stdout, '<a b><*>')
    t.equal(run(shell, { command: 'echo "$#"; exit 3' }).stdout, '0\n')
    t.equal(run(shell, { command: '-not-a-program' }).status, 127)
    t.end()
  })

  t.test(`${shell[0]}: a program is looked up in the job's PATH, and its own exit code 127 is passed on`, t => {
    const folder = t.testdir({ bin: { dir: {} } })
    t.equal(run(shell, { exe: 'sh', args: ['-c', 'exit 127'] }).status, 127)
    t.equal(run(shell, { exe: 'sh', args: ['-c', 'exit 127'] }).report, 'run\n')
    t.equal(
      run(shell, { exe: 'sh', environment: [{ name: 'PATH', value: '/nowhere' }] }).report,
      'failed ExecutableNotFound\n'
    )
    for (const exe of ['no-such-program', '/no/such/program', join(folder, 'bin/dir'), '/etc/passwd', 'cd']) {
      t.equal(run(shell, { exe }).report, 'failed ExecutableNotFound\n', exe)
    }
    t.end()
  })

  t.test(`${shell[0]}: the program starts in its folder`, t => {
    const folder = t.testdir({ 'a folder': {} })
    t.equal(run(shell, { command: 'pwd', workingDirectory: join(folder, 'a folder') }).stdout, `${folder}/a folder\n`)
    t.match(run(shell, { command: 'pwd' }), { stdout: '/\n', report: /^run\n$/ })
    const homeless = { ...account, home: `${folder}/none` }
    t.match(run(shell, { command: 'pwd' }, '/', homeless), { stdout: '/\n', report: /^run without-home\n$/ })
    t.equal(run(shell, { command: 'echo "$OLDPWD"' }, folder).stdout, '\n')
    t.equal(
      run(shell, { command: 'pwd', workingDirectory: `${folder}/none` }).report,
      'failed WorkingDirectoryNotFound\n'
    )
    t.equal(run(shell, { exe: './none' }, '/', homeless).report, 'failed ExecutableNotFound without-home\n')
    t.end()
  })

  t.test(`${shell[0]}: output goes to the given files`, t => {
    const folder = t.testdir({ old: 'old text that is longer' })
    const both = run(shell, {
      command: 'echo out; echo err >&2',
      stdoutFile: `${folder}/old`,
      stderrFile: `${folder}/old`
    })
    t.equal(both.stdout, '')
    t.equal(run(shell, { command: `cat '${folder}/old'` }).stdout, 'out\nerr\n')
    t.equal(run(shell, { command: 'echo', stdoutFile: `${folder}/none/x` }).report, 'failed OutputFileNotWritable\n')
    t.equal(run(shell, { command: 'echo', stderrFile: folder }).report, 'failed OutputFileNotWritable\n')
    t.end()
  })

  t.test(`${shell[0]}: the program has none of the script's descriptors, a plain umask, and its CPU time`, t => {
    const command = 'for fd in 8 9; do [ -e /proc/$$/fd/$fd ] && echo "$fd"; done; umask; ulimit -S -t; ulimit -H -t'
    const { stdout } = run(shell, { command, resourceLimits: [{ type: 'cpuTime', value: 1.5 }] })
    t.equal(stdout, '0022\n2\n7\n')
    t.end()
  })
}
