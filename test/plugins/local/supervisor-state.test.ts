import t from 'tap'
import { CANCELED_STATE, parseState } from '../../../plugins/local/supervisor-state.ts'

const STARTED =
  'started b007 1700000000000 42 (sh) S 1 42 42 0 -1 4194560 100 200 0 0 7 8 9 10 20 0 1 0 12345 1000 50 1\n'
const started = { bootId: 'b007', startTime: 1_700_000_000_000, pid: 42, startTicks: 12345 }
const quiet = { executed: false, signaled: false, oomKills: 0 }

const table: Array<[string, string, object | undefined]> = [
  ['nothing was written yet', '', undefined],
  ['the first line is not whole', STARTED.slice(0, -1), undefined],
  ['the first line is of no known kind', 'hello\n', undefined],
  ['the supervisor started', STARTED, { started, ...quiet }],
  ['the program ended', `${STARTED}exit 3\n`, { started, ...quiet, exitCode: 3 }],
  ['the exit line is not whole', `${STARTED}exit 13`, { started, ...quiet }],
  [
    'the shell reported a signal',
    `${STARTED}Killed\nexit 137\n`,
    { started, executed: false, oomKills: 0, signaled: true, exitCode: 137 }
  ],
  [
    'the kernel killed for memory',
    `${STARTED}Killed\noom 2\nexit 137\n`,
    { started, executed: false, oomKills: 2, signaled: true, exitCode: 137 }
  ],
  [
    'the shell reported CPU times, which are no signal',
    `${STARTED}0m0.00s 0m0.01s\n1m2.50s 0m0,25s\nexit 0\n`,
    { started, ...quiet, exitCode: 0, cpuSeconds: 62.75 }
  ],
  [
    'the control group had a peak',
    `${STARTED}oom 0\npeak 49999872\nexit 0\n`,
    { started, ...quiet, exitCode: 0, peakMemoryBytes: 49_999_872 }
  ],
  [
    'the disk had no room for the times of the children',
    `${STARTED}0m0.00s 0m0.01s\nexit 0\n`,
    { started, ...quiet, exitCode: 0 }
  ],
  ['empty lines are ignored', `${STARTED}\nexit 130\n`, { started, ...quiet, exitCode: 130 }],
  [
    'the launch script failed',
    `${STARTED}failed ExecutableNotFound\nexit 126\n`,
    { started, ...quiet, failed: 'ExecutableNotFound', exitCode: 126 }
  ],
  ['a cancel came first', CANCELED_STATE, { ...quiet, failed: 'CanceledOnRequest' }]
]

for (const [name, text, expected] of table) t.strictSame(parseState(text, ''), expected, name)

t.strictSame(parseState(STARTED, undefined), { started, signaled: false, oomKills: 0 }, 'the report was removed')

const reports: Array<[string, string, object]> = [
  ['the launch script reports that it executes the program', 'run\n', { executed: true }],
  ['the job has no home folder', 'run without-home\n', { executed: true, withoutHome: true }],
  ['the program of a job without a home folder is not found', 'failed ExecutableNotFound without-home\n', {
    failed: 'ExecutableNotFound', withoutHome: true
  }],
  ['the launch script reports why it cannot', 'failed ExecutableNotFound\n', { failed: 'ExecutableNotFound' }],
  ['a reason that no launch script reports is ignored', 'failed Lost\n', {}],
  ['the empty line that the launcher wrote is ignored', '\nrun\n', { executed: true }],
  ['a forged start in the report names no process', 'started b007 1 1 (init) S 0 1 1\nrun\n', {}],
  ['a report without end is ignored', 'x'.repeat(64), {}]
]

const executions: Array<[string, number, string, object]> = [
  [
    'the interpreter of the program is missing', 127, 'run\nfailed InterpreterNotFound #!/bin/sh\r\n',
    { executed: false, failed: 'InterpreterNotFound', firstLine: '#!/bin/sh\r' }
  ],
  [
    'the program is of another machine', 126, '\nrun\nfailed ExecFormatError\n',
    { executed: false, failed: 'ExecFormatError', firstLine: '' }
  ],
  ['a program that was executed once it was not busy', 126, 'run\nnot-run\nrun\n', { executed: true }],
  ['a program that was busy at its end was not executed', 143, 'run without-home\nnot-run\nrun\nnot-run\n', {
    executed: false, withoutHome: true
  }],
  ['a program that stays busy fails', 126, 'run\nnot-run\nrun\nfailed StartFailed\n', {
    executed: false, failed: 'StartFailed', firstLine: ''
  }],
  ['a program that ended by itself was executed', 3, 'run\nfailed ExecFormatError\n', { executed: true }],
  ['another reason after the execution is ignored', 126, 'run\nfailed Lost\n', { executed: true }],
  ['an exit code 127 of the program is its own', 127, 'run\n', { executed: true }]
]

for (const [name, exitCode, report, expected] of executions) {
  t.strictSame(parseState(`${STARTED}exit ${exitCode}\n`, report), { started, ...quiet, exitCode, ...expected }, name)
}

for (const [name, report, expected] of reports) {
  t.strictSame(parseState(STARTED, report), { started, ...quiet, ...expected }, name)
}
