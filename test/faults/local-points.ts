// Every step of a local job's life at which the launcher is killed, act by act.

import type { Act } from './act.ts'
import type { PlannedJob } from './history.ts'

const job: PlannedJob = { lines: 3, exitCode: 3, ends: 'signal', asks: [] }
const endless: PlannedJob = { ...job, ends: 'never' }
/** A write is acknowledged once its commit is on disk. */
const STORED = ['commit', 'sync database']
const WRITE_INTENT = ['append control.json']
const CREATE_NOTE = ['open control.json', 'append control.json']
/** `write` does these in sequence, without anything between. */
const OPENED = ['open job.json', 'open control.json']
const CREATE_OUTPUT = ['open stdout', 'append stdout', 'open stderr', 'append stderr']
const ANSWER = 'answer POST /v1/jobs/ID/control'

export const LOCAL_ACTS: readonly Act[] = [
  {
    name: 'a submission',
    job: { ...job, stdin: 2, port: true },
    from: 'submit',
    until: 'run',
    steps: [
      ...STORED, 'answer POST /v1/jobs', 'mkdir ID', 'write job.json', 'append job.json', 'open stdin', 'append stdin',
      ...CREATE_OUTPUT, 'open report', 'append report', ...CREATE_NOTE, 'open launch.new', 'append launch.new',
      'rename launch.new', 'spawn sh', ...STORED
    ],
    others: OPENED
  },
  {
    name: 'a stop',
    job: { ...endless, asks: ['stop'] },
    from: 'ask',
    until: 'end',
    steps: [...STORED, ...WRITE_INTENT, 'signal SIGTERM', ANSWER],
    others: [...OPENED, 'signal SIGCONT']
  },
  {
    name: 'a kill',
    job: { ...endless, asks: ['kill'] },
    from: 'ask',
    until: 'end',
    steps: [...STORED, ...WRITE_INTENT, 'signal SIGSTOP', 'signal SIGKILL', ANSWER],
    others: [...OPENED, 'signal SIGCONT']
  },
  {
    name: 'a cancel',
    job: { ...job, asks: ['cancel'] },
    from: 'submit',
    until: 'run',
    steps: ['mkdir ID', 'rename launch.new', 'spawn sh', ...STORED, ...STORED, ANSWER],
    others: [
      ...OPENED,
      'answer POST /v1/jobs',
      'write job.json',
      'append job.json',
      ...CREATE_OUTPUT,
      'open report',
      'append report',
      ...CREATE_NOTE,
      'open launch.new',
      'append launch.new',
      'write state',
      'open state',
      'append state'
    ]
  },
  {
    name: 'a suspension',
    job: { ...job, asks: ['suspend', 'resume'] },
    from: 'ask',
    until: 'end',
    steps: ['signal SIGSTOP', ...STORED, ANSWER, 'signal SIGCONT', ...STORED, ANSWER]
  },
  {
    name: 'an outcome',
    job,
    from: 'end',
    until: 'remove',
    steps: [...STORED, 'answer GET /v1/jobs/ID/events', 'answer GET /v1/jobs/ID/output', 'answer GET /v1/jobs']
  },
  { name: 'a removal', job, from: 'remove', steps: ['rm ID', ...STORED, 'answer DELETE /v1/jobs/ID'] }
]
