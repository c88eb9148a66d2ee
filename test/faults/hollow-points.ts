// Every step of a Kubernetes job's life at which the launcher is killed, act by act.

import type { Act } from './act.ts'
import type { PlannedJob } from './history.ts'

const job: PlannedJob = { lines: 3, exitCode: 3, ends: 'signal', asks: [] }
const endless: PlannedJob = { ...job, ends: 'never' }
/** A write is acknowledged once its commit is on disk. */
const STORED = ['commit', 'sync database']
const ANSWER = 'answer POST /v1/jobs/ID/control'
const calls = (...kinds: string[]): string[] => kinds.flatMap(kind => [`request ${kind}`, `reply ${kind}`])
const KEPT = ['append output', 'write state.new', 'rename state.new']
/**
 * Steps that may come at any time and follow no job: watches, garbage collection and the checks of the namespace and
 * the version at a start, a Job that is read again, output.
 */
const BESIDE = [
  ...calls(
    'GET namespaces/NAME',
    'WATCH jobs',
    'WATCH pods',
    'LIST jobs',
    'LIST pods',
    'LIST services',
    'LIST secrets',
    'LIST /version',
    'LIST events',
    'GET jobs/NAME',
    'GET pods/NAME/log'
  ),
  ...KEPT
]
const SUBMISSION = [...STORED, 'answer POST /v1/jobs', 'mkdir ID', 'open output']

export const HOLLOW_ACTS: readonly Act[] = [
  {
    name: 'a submission',
    job: { ...job, stdin: 2, port: true },
    from: 'submit',
    until: 'run',
    // The reply to a call comes just before the next call.
    steps: [
      ...SUBMISSION,
      'request POST jobs',
      'request POST secrets',
      'request POST services',
      ...calls('PATCH jobs/NAME')
    ],
    others: [...BESIDE, 'reply POST jobs', 'reply POST secrets', 'reply POST services']
  },
  {
    name: 'a stop',
    job: { ...endless, asks: ['stop'] },
    from: 'ask',
    until: 'end',
    steps: [...STORED, ...calls('PATCH jobs/NAME'), ANSWER],
    others: BESIDE
  },
  {
    name: 'a kill',
    job: { ...endless, asks: ['kill'] },
    from: 'ask',
    until: 'end',
    steps: [...STORED, ...calls('PATCH jobs/NAME'), ANSWER],
    // The Job controller deletes the pod too, at times before the launcher does.
    atTimes: calls('DELETE pods/NAME'),
    others: BESIDE
  },
  {
    name: 'a cancel',
    job: { ...job, asks: ['cancel'] },
    from: 'submit',
    until: 'run',
    steps: [...STORED, ANSWER],
    atTimes: calls('POST jobs', 'PATCH jobs/NAME'),
    others: [...BESIDE, ...SUBMISSION, ...calls('DELETE pods/NAME')]
  },
  {
    name: 'the output of a job',
    job,
    from: 'submit',
    until: 'end',
    steps: [...calls('GET pods/NAME/log'), 'append output'],
    others: [...BESIDE, ...SUBMISSION, ...calls('POST jobs')]
  },
  {
    name: 'an outcome',
    job,
    from: 'end',
    until: 'remove',
    steps: ['write state.new', 'rename state.new', ...STORED],
    others: BESIDE
  },
  {
    name: 'a removal',
    job,
    from: 'remove',
    steps: [...calls('DELETE jobs/NAME'), 'rm ID', ...STORED, 'answer DELETE /v1/jobs/ID'],
    others: BESIDE
  }
]

/** A check of the data may come at any time. */
const CHECK = [
  ...['process-logs', 'INSTANCE', 'Kubernetes', 'PROBE']
    .flatMap(name => ['mkdir', 'chmod', 'rm'].map(verb => `${verb} ${name}`)),
  ...['open MARKER', 'append MARKER', 'write MARKER', 'link MARKER', 'write stdout', 'rm stdout', 'rm stderr']
]
/** The folder of the job is noted in the scratch path, and created before the Job. */
const PREPARE = ['mkdir ID', 'rm process-logs', 'link ID', 'mkdir ID', 'chmod ID']

/** The same with the output in the data: nothing is collected. */
export const HOLLOW_DATA_ACTS: readonly Act[] = HOLLOW_ACTS
  .filter(({ name }) => name !== 'the output of a job')
  .map(act => ({
    ...act,
    ...(act.name === 'a submission' && { steps: [...PREPARE, ...act.steps.filter(step => step !== 'open output')] }),
    ...(act.name === 'an outcome' && { steps: STORED }),
    ...(act.name === 'a removal' && { steps: ['rm stdout', 'rm stderr', ...act.steps] }),
    // A follower may come before the place of the output is known.
    others: [...act.others ?? [], ...PREPARE, ...CHECK, 'open output']
  }))
