import t from 'tap'
import type { Intent, Job, JobSubmission } from '../../../launcher/plugin.ts'
import type { SupervisorState } from '../../../plugins/local/supervisor-state.ts'
import { evaluate, type SupervisorReading } from '../../../plugins/local/outcome.ts'

const NOW = 1_000_000
const since = (now: number) => (at: number) => now - at
const started = { bootId: 'b007', startTime: 900_000, pid: 42, startTicks: 1 }

function jobWith (intent?: Intent, submission: Partial<JobSubmission> = {}): Job {
  return {
    id: '0'.repeat(26),
    user: 'alice',
    cluster: 'Local',
    submission: { name: 'x', exe: 'prog', stopGraceSeconds: 10, ...submission },
    submissionTime: 0,
    status: 'Running',
    revision: 1,
    lastUpdateTime: 0,
    submittedToBackend: true,
    ...(intent && { intent })
  }
}

function readingOf (
  state: { [Key in keyof SupervisorState]?: SupervisorState[Key] | undefined } | undefined,
  more: Partial<SupervisorReading> = {}
): SupervisorReading {
  return {
    state: state && { started, executed: true, signaled: false, oomKills: 0, ...state } as SupervisorState,
    writtenAt: NOW,
    supervisor: 'gone',
    boot: 'same',
    ...more
  }
}

const stop = (at: number): Intent => ({ operation: 'stop', at })
const kill = (at: number): Intent => ({ operation: 'kill', at })
const limit = (type: 'memory' | 'cpuTime', value: number): Partial<JobSubmission> => ({
  resourceLimits: [{ type, value }]
})

const outcomes: Array<[name: string, job: Job, reading: SupervisorReading, outcome: object]> = [
  [
    'killed because of its output',
    jobWith(undefined, { resourceLimits: [{ type: 'output', value: 5 }] }),
    readingOf({ exitCode: 137, signaled: true }, { overOutputLimit: true }),
    {
      status: 'Killed',
      reason: 'OutputLimitExceeded',
      exitCode: 137,
      message: 'The program wrote more output than its limit of 5 MB.'
    }
  ],
  [
    'more output than its limit, and an end of its own before the kill',
    jobWith(undefined, { resourceLimits: [{ type: 'output', value: 5 }] }),
    readingOf({ exitCode: 3 }, { overOutputLimit: true }),
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],
  [
    'exit code 0',
    jobWith(),
    readingOf({ exitCode: 0 }),
    { status: 'Finished', reason: 'Exited', exitCode: 0, message: 'The program ended with exit code 0.' }
  ],
  [
    'exit code 127 of its own',
    jobWith(),
    readingOf({ exitCode: 127 }),
    { status: 'Finished', reason: 'Exited', exitCode: 127 }
  ],
  [
    'exit code 137 of its own',
    jobWith(),
    readingOf({ exitCode: 137 }),
    { status: 'Finished', reason: 'Exited', exitCode: 137 }
  ],
  [
    'a signal',
    jobWith(),
    readingOf({ exitCode: 139, signaled: true }),
    { status: 'Finished', reason: 'Signaled', exitCode: 139, message: /SIGSEGV/ }
  ],
  [
    'exit code 130, of which a shell does not say whether SIGINT is its cause',
    jobWith(),
    readingOf({ exitCode: 130 }),
    {
      status: 'Finished',
      reason: 'Exited',
      exitCode: 130,
      message: 'The program ended with exit code 130, its own or that of the signal SIGINT.'
    }
  ],
  [
    'a failure without a home folder',
    jobWith(),
    readingOf({ exitCode: 2, withoutHome: true }),
    {
      reason: 'Exited',
      message: 'The program ended with exit code 2. The home folder of alice does not exist, or alice cannot enter ' +
        'it, so the program began in /.'
    }
  ],
  [
    'a success without a home folder',
    jobWith(),
    readingOf({ exitCode: 0, withoutHome: true }),
    { reason: 'Exited', message: 'The program ended with exit code 0.' }
  ],
  [
    'a message of the shell but no signal',
    jobWith(),
    readingOf({ exitCode: 1, signaled: true }),
    { reason: 'Exited', exitCode: 1 }
  ],
  [
    'kill',
    jobWith(kill(NOW)),
    readingOf({ exitCode: 137, signaled: true }),
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'a kill just after the program ended by itself',
    jobWith(kill(NOW)),
    readingOf({ exitCode: 5 }),
    { status: 'Finished', reason: 'Exited', exitCode: 5 }
  ],
  [
    'a kill after the grace of a stop ended the program',
    jobWith({ operation: 'kill', at: NOW + 30, stopAt: NOW - 10_000 }),
    readingOf({ exitCode: 137, signaled: true }),
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 }
  ],
  [
    'a kill after a stop ended the program',
    jobWith({ operation: 'kill', at: NOW + 30, stopAt: NOW - 50 }),
    readingOf({ exitCode: 143, signaled: true }),
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'a kill while a stop ended the program',
    jobWith({ operation: 'kill', at: NOW, stopAt: NOW - 50 }),
    readingOf({ exitCode: 143, signaled: true }),
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'a kill of a stopping job',
    jobWith({ operation: 'kill', at: NOW, stopAt: NOW - 50 }),
    readingOf({ exitCode: 137, signaled: true }),
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'stop within the grace',
    jobWith(stop(NOW - 9000)),
    readingOf({ exitCode: 143, signaled: true }),
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'stop beyond the grace',
    jobWith(stop(NOW - 10_000)),
    readingOf({ exitCode: 137, signaled: true }),
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137, message: /10 s/ }
  ],
  [
    'killed by another within the grace',
    jobWith(stop(NOW - 9000)),
    readingOf({ exitCode: 137 }),
    { status: 'Finished', reason: 'Stopped', exitCode: 137 }
  ],
  [
    'ended before it was asked to',
    jobWith(stop(NOW + 1000)),
    readingOf({ exitCode: 3 }),
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],
  [
    'out of memory',
    jobWith(undefined, limit('memory', 64)),
    readingOf({ exitCode: 137, signaled: true, oomKills: 1 }),
    { status: 'Killed', reason: 'OutOfMemory', exitCode: 137, message: /64 MB/ }
  ],
  [
    'a child out of memory',
    jobWith(undefined, limit('memory', 64)),
    readingOf({ exitCode: 1, oomKills: 1 }),
    { status: 'Finished', reason: 'Exited', exitCode: 1, message: /code 1; before that, a process .* 64 MB .* killed/ }
  ],
  [
    'a child out of memory, which the program survived',
    jobWith(undefined, limit('memory', 64)),
    readingOf({ exitCode: 0, oomKills: 1 }),
    { status: 'Finished', reason: 'Exited', exitCode: 0 }
  ],
  [
    'CPU time',
    jobWith(undefined, limit('cpuTime', 2)),
    readingOf({ exitCode: 152, signaled: true }),
    { status: 'Killed', reason: 'CpuTimeExceeded', exitCode: 152, message: /2 s/ }
  ],
  [
    'CPU time of a program that ignores SIGXCPU',
    jobWith(undefined, limit('cpuTime', 2)),
    readingOf({ exitCode: 137, signaled: true }),
    { reason: 'CpuTimeExceeded' }
  ],
  [
    'no executable',
    jobWith(),
    readingOf({ failed: 'ExecutableNotFound', exitCode: 126 }),
    { status: 'Failed', reason: 'ExecutableNotFound', message: /prog .*alice/ }
  ],
  [
    'no folder',
    jobWith(undefined, { workingDirectory: '/nowhere' }),
    readingOf({ failed: 'WorkingDirectoryNotFound' }),
    { status: 'Failed', reason: 'WorkingDirectoryNotFound', message: /\/nowhere/ }
  ],
  [
    'no output file',
    jobWith(undefined, { stderrFile: '/nowhere/e' }),
    readingOf({ failed: 'OutputFileNotWritable' }),
    { status: 'Failed', reason: 'OutputFileNotWritable', message: /\/nowhere\/e/ }
  ],
  ['no limits', jobWith(), readingOf({ failed: 'StartFailed' }), { status: 'Failed', reason: 'StartFailed' }],
  [
    'an exit code without proof that the program was executed',
    jobWith(),
    readingOf({ executed: false, exitCode: 2 }),
    { status: 'Failed', reason: 'StartFailed', exitCode: undefined }
  ],
  [
    'a kill before the program was executed',
    jobWith(kill(NOW)),
    readingOf({ executed: false, signaled: true, exitCode: 137 }),
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: undefined, message: /before its program started/ }
  ],
  [
    'a stop of a job whose program was not executed',
    jobWith(stop(NOW - 100)),
    readingOf({ executed: false, exitCode: 126 }),
    { status: 'Failed', reason: 'StartFailed', exitCode: undefined }
  ],
  [
    'a stop before the program was executed, which the shell does not report',
    jobWith(stop(NOW - 100)),
    readingOf({ executed: false, exitCode: 143 }),
    { status: 'Finished', reason: 'Stopped', exitCode: undefined, message: /before its program started/ }
  ],
  [
    'a signal before the program was executed',
    jobWith(),
    readingOf({ executed: false, signaled: true, exitCode: 137 }),
    { status: 'Failed', reason: 'StartFailed', exitCode: undefined, message: /SIGKILL/ }
  ],
  [
    'a report that was removed',
    jobWith(),
    readingOf({ executed: undefined, exitCode: 0 }),
    { status: 'Failed', reason: 'Lost', exitCode: undefined }
  ],
  [
    'a report that a power failure undid',
    jobWith(),
    readingOf({ executed: false, exitCode: 0 }, { boot: 'other' }),
    { status: 'Finished', reason: 'Exited', exitCode: 0 }
  ],
  [
    'a cancel that had room for an empty file only',
    jobWith({ operation: 'cancel', at: NOW - 5000 }),
    readingOf(undefined, { writtenAt: NOW - 5000 }),
    { status: 'Canceled', reason: 'CanceledOnRequest' }
  ],
  [
    'canceled',
    jobWith(),
    { ...readingOf({}), state: { failed: 'CanceledOnRequest', executed: false, signaled: false, oomKills: 0 } },
    { status: 'Canceled', reason: 'CanceledOnRequest' }
  ],
  ['the supervisor was killed', jobWith(), readingOf({}), { status: 'Failed', reason: 'SupervisorLost' }],
  [
    'the supervisor was killed after a kill',
    jobWith(kill(NOW)),
    readingOf({}),
    { status: 'Killed', reason: 'KilledOnRequest' }
  ],
  [
    'the original of a copy',
    jobWith(),
    readingOf({}, { boot: 'copy' }),
    { status: 'Failed', reason: 'RestoredFromCopy', exitCode: undefined }
  ],
  ['another boot', jobWith(), readingOf({}, { boot: 'other' }), { status: 'Failed', reason: 'MachineRestarted' }],
  [
    'ended before another boot',
    jobWith(),
    readingOf({ exitCode: 0 }, { boot: 'other' }),
    { status: 'Finished', reason: 'Exited', exitCode: 0 }
  ],
  [
    'claimed and never started',
    jobWith(),
    readingOf(undefined, { writtenAt: NOW - 5000 }),
    { status: 'Failed', reason: 'SupervisorLost' }
  ]
]

for (const [name, job, reading, outcome] of outcomes) {
  const finding = evaluate(job, reading, since(NOW))
  t.match(finding, { kind: 'ended', outcome }, name)
  t.same(evaluate(job, reading, since(NOW + 86_400_000)), finding, `${name}, evaluated again a day later`)
}

t.test('a job that never ran has no exit code', t => {
  const finding = evaluate(jobWith(), readingOf({ failed: 'ExecutableNotFound', exitCode: 126 }), since(NOW))
  t.notOk(finding.kind === 'ended' && 'exitCode' in finding.outcome)
  t.end()
})

t.test('only a supervisor lost in this boot leaves orphans', t => {
  t.match(evaluate(jobWith(), readingOf({}), since(NOW)), { orphans: true })
  t.match(evaluate(jobWith(), readingOf({}, { boot: 'other' }), since(NOW)), { orphans: false })
  t.match(evaluate(jobWith(), readingOf({}, { boot: 'copy' }), since(NOW)), { orphans: false })
  t.match(evaluate(jobWith(), readingOf({ exitCode: 0 }), since(NOW)), { orphans: false })
  t.end()
})

t.test('an empty state file is read again', t => {
  t.match(evaluate(jobWith(), readingOf(undefined), since(NOW)), { kind: 'pending', requeueAfterMs: Number })
  t.end()
})

const running = { supervisor: 'running' } as const
const active: Array<[name: string, job: Job, reading: SupervisorReading, finding: object]> = [
  ['runs', jobWith(), readingOf({}, running), { state: 'running', kill: false, requeueAfterMs: undefined }],
  ['is suspended', jobWith(), readingOf({}, { supervisor: 'suspended' }), { state: 'suspended', kill: false }],
  [
    'has an exit code while its supervisor kills the rest',
    jobWith(),
    readingOf({ exitCode: 0 }, running),
    { state: 'running' }
  ],
  ['is in its grace', jobWith(stop(NOW - 4000)), readingOf({}, running), { kill: false, requeueAfterMs: 6000 }],
  ['is past its grace', jobWith(stop(NOW - 10_000)), readingOf({}, running), { kill: true, requeueAfterMs: Number }],
  ['was killed just now', jobWith(kill(NOW)), readingOf({}, running), { kill: false, requeueAfterMs: 500 }],
  ['was killed long ago', jobWith(kill(NOW - 1000)), readingOf({}, running), { kill: true, requeueAfterMs: Number }],
  [
    'has not executed its program yet',
    jobWith(),
    readingOf({ executed: false, started: { ...started, startTime: NOW - 500 } }, running),
    { state: 'running', isSlow: undefined, requeueAfterMs: 1500 }
  ],
  [
    'has not executed its program for a while',
    jobWith(),
    readingOf({ executed: false }, running),
    { state: 'running', isSlow: true, requeueAfterMs: 2000 }
  ],
  [
    'was stopped before its program was executed',
    jobWith(stop(NOW - 4000)),
    readingOf({ executed: false }, running),
    { isSlow: undefined, requeueAfterMs: 6000 }
  ],
  ['ran before a cancel came', jobWith({ operation: 'cancel', at: NOW }), readingOf({}, running), { kill: false }]
]

for (const [name, job, reading, finding] of active) {
  const expected = { kind: 'active', started: reading.state!.started, ...finding }
  t.match(evaluate(job, reading, since(NOW)), expected, `a job that ${name}`)
}
