import t from 'tap'
import type { Intent } from '../../../launcher/model/intent.ts'
import { JOB_STATUSES, canFollow, isEnded, type JobStatus } from '../../../launcher/model/status.ts'
import { nextStep } from '../../../launcher/jobs/next-step.ts'
import type { Observation } from '../../../launcher/plugin.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const OBSERVATIONS: Observation[] = [
  { state: 'absent' },
  { state: 'created' },
  { state: 'pending' },
  { state: 'pending', reason: 'Unschedulable', message: 'It waits.', requeueAfterMs: 50 },
  { state: 'running', startTime: 5 },
  { state: 'running', startTime: 5, pid: 7, host: 'h', message: 'A limit is not kept.', requeueAfterMs: 60 },
  { state: 'suspended', startTime: 5 },
  ...(['Finished', 'Failed', 'Killed', 'Canceled'] as const).map(status => ({
    state: 'ended' as const,
    outcome: { status, reason: 'r', message: 'm', exitCode: 1 },
    startTime: 5,
    endTime: 6
  }))
]
const INTENTS: Array<Intent | undefined> = [
  undefined,
  ...(['stop', 'kill', 'cancel'] as const).map(operation => ({ operation, at: 1 }))
]

/** What must be stored, in words: the statuses in their order, or what else is done. */
function expected (
  status: JobStatus,
  seen: Observation,
  intent: Intent | undefined,
  submittedToBackend: boolean
): string {
  if (isEnded(status)) return 'nothing'
  switch (seen.state) {
    case 'absent':
      if (intent?.operation === 'cancel') return 'Canceled'
      return submittedToBackend ? 'Failed' : 'start'
    case 'created':
      return intent?.operation === 'cancel' ? 'Canceled' : 'start'
    case 'pending':
      return 'change'
    case 'running':
      return 'Running'
    case 'suspended':
      return status === 'Pending' ? 'Running, Suspended' : 'Suspended'
    case 'ended':
      return status === 'Pending' && seen.outcome.status === 'Killed' ? 'Running, Killed' : seen.outcome.status
  }
}

t.test('each observation of each job leads to the step in the table', async t => {
  for (const status of JOB_STATUSES) {
    for (const seen of OBSERVATIONS) {
      for (const intent of INTENTS) {
        for (const submittedToBackend of [false, true]) {
          const step = nextStep(sampleJob({ status, submittedToBackend, ...(intent && { intent }) }), seen)
          const statuses = [step.before?.status, step.change?.status].filter(each => each !== undefined).join(', ')
          const got = step.start === true ? 'start' : statuses || (step.change === undefined ? 'nothing' : 'change')
          const name = `${status} ${submittedToBackend ? 'submitted' : 'new'} ${intent?.operation ?? 'no intent'}, ` +
            `observed ${JSON.stringify(seen)}`
          if (got !== expected(status, seen, intent, submittedToBackend)) {
            t.equal(got, expected(status, seen, intent, submittedToBackend), name)
          }
          if (
            step.before !== undefined &&
            !(canFollow(status, step.before.status!) && canFollow(step.before.status!, step.change!.status!))
          ) { t.fail(`the status table has no such way: ${name}`) }
          if ('requeueAfterMs' in seen && !isEnded(status)) t.equal(step.requeueAfterMs, seen.requeueAfterMs, name)
        }
      }
    }
  }
})

t.test('a job that the cluster had and that left no trace is lost, and its message says so', async t => {
  t.strictSame(nextStep(sampleJob({ submittedToBackend: true }), { state: 'absent' }), {
    change: {
      status: 'Failed',
      reason: 'Lost',
      message: 'The cluster no longer has a job that it had accepted; how the job ended is unknown.'
    }
  })
})

t.test('a pending reason is cleared when the cluster no longer reports it', async t => {
  const waiting = sampleJob({ reason: 'Unschedulable', message: 'The start failed.' })
  for (const seen of [{ state: 'pending' }, { state: 'running', startTime: 5 }] as const) {
    const { change } = nextStep(waiting, seen)
    t.ok('reason' in change! && 'message' in change, seen.state)
    t.equal(change!.reason, undefined)
    t.equal(change!.message, undefined)
  }
})

t.test('observed values are stored, and the first start time stays', async t => {
  t.strictSame(nextStep(sampleJob({ status: 'Running', startTime: 3 }), OBSERVATIONS[5]!), {
    change: {
      submittedToBackend: true,
      status: 'Running',
      startTime: 3,
      reason: undefined,
      message: 'A limit is not kept.',
      pid: 7,
      host: 'h'
    },
    requeueAfterMs: 60
  })
  t.strictSame(
    nextStep(sampleJob({ status: 'Running' }), {
      state: 'ended',
      outcome: { status: 'Finished', reason: 'Exited', message: 'm', exitCode: 0 },
      startTime: 5,
      endTime: 6
    }),
    {
      change: {
        submittedToBackend: true,
        status: 'Finished',
        reason: 'Exited',
        message: 'm',
        exitCode: 0,
        startTime: 5,
        endTime: 6
      }
    }
  )
})

t.test('missing output is stored once it is observed', async t => {
  const outputTruncated = { reason: 'LogRotated', message: 'm' } as const
  const job = sampleJob({ status: 'Running' })
  t.match(nextStep(job, { state: 'running', startTime: 5, outputTruncated }), { change: { outputTruncated } })
  const outcome = { status: 'Finished', reason: 'Exited', message: 'm' } as const
  t.match(nextStep(job, { state: 'ended', outcome, outputTruncated }), { change: { outputTruncated } })
  t.notOk('outputTruncated' in nextStep(job, { state: 'ended', outcome }).change!, 'what is stored stays')
})

t.test('the first time of readiness stays, and the reason goes with it', async t => {
  const late = sampleJob({ status: 'Running', reason: 'NotReady', message: 'm' })
  t.match(nextStep(late, { state: 'running', startTime: 5, readyTime: 7 }), {
    change: { readyTime: 7, reason: undefined, message: undefined }
  })
  t.match(nextStep({ ...late, readyTime: 6 }, { state: 'running', startTime: 5, readyTime: 7 }), {
    change: { readyTime: 6 }
  })
  const network = { host: 'h', addresses: [], ports: [] }
  t.match(nextStep(late, { state: 'running', startTime: 5, network }), { change: { network } })
  t.notOk('network' in nextStep(late, { state: 'running', startTime: 5 }).change!, 'what is stored stays')
})

t.test('a job that ran unobserved and was killed keeps its start time', async t => {
  const { before } = nextStep(sampleJob(), {
    state: 'ended',
    outcome: { status: 'Killed', reason: 'CpuTimeExceeded', message: 'm' },
    startTime: 5
  })
  t.match(before, { status: 'Running', startTime: 5, submittedToBackend: true })
})
