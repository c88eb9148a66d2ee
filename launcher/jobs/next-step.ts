// Decides what an observation means for a stored job. Pure: no clock, no store, no plugin.

import { defined } from '../lib/defined.ts'
import type { Job } from '../model/job.ts'
import { canFollow, isEnded } from '../model/status.ts'
import { canceled, orOwnReason } from '../plugin-kit/outcomes.ts'
import type { Observation } from '../plugin.ts'
import type { Change } from './store/apply-change.ts'
import { REASONS } from '../model/reasons.ts'

export interface NextStep {
  /** What to store, if anything differs. */
  change?: Change
  /** What to store before it: the job ran unobserved, and the status table allows the change from Running only. */
  before?: Change
  /** The job must be started, or started again. */
  start?: boolean
  /** Milliseconds after which to reconcile again without a change. */
  requeueAfterMs?: number
}

/**
 * `absent` starts a job that was never submitted to the backend, and ends one that was as Lost. `created` starts it in
 * any case: the plugin promises that it cannot have run. An intent to cancel ends either as Canceled.
 */
export function nextStep (job: Job, seen: Observation): NextStep {
  if (isEnded(job.status)) return {}
  switch (seen.state) {
    case 'absent':
    case 'created':
      if (job.intent?.operation === 'cancel') return { change: orOwnReason(job, canceled()) }
      if (seen.state === 'absent' && job.submittedToBackend) {
        return { change: { status: 'Failed', reason: 'Lost', message: REASONS.Lost } }
      }
      return { start: true }
    case 'pending':
      return {
        change: { submittedToBackend: true, reason: seen.reason, message: seen.message },
        ...defined({ requeueAfterMs: seen.requeueAfterMs })
      }
    case 'running':
    case 'suspended':
      return {
        ...through(job, {
          submittedToBackend: true,
          status: seen.state === 'running' ? 'Running' : 'Suspended',
          startTime: job.startTime ?? seen.startTime,
          reason: seen.reason,
          message: seen.message,
          ...defined({
            pid: seen.pid,
            host: seen.host,
            readyTime: job.readyTime ?? seen.readyTime,
            network: seen.network,
            outputTruncated: seen.outputTruncated
          })
        }),
        ...defined({ requeueAfterMs: seen.requeueAfterMs })
      }
    case 'ended':
      return through(job, {
        submittedToBackend: true,
        ...orOwnReason(job, seen.outcome),
        ...defined({
          startTime: job.startTime ?? seen.startTime,
          endTime: seen.endTime,
          outputTruncated: seen.outputTruncated,
          usage: seen.usage
        })
      })
  }
}

function through (job: Job, change: Change): NextStep {
  if (job.status !== 'Pending' || canFollow('Pending', change.status!)) return { change }
  return {
    before: {
      submittedToBackend: true,
      status: 'Running',
      reason: undefined,
      message: undefined,
      ...defined({ startTime: change.startTime })
    },
    change
  }
}
