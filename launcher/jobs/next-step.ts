// Decides what an observation means for a stored job. Pure: no clock, no store, no plugin.

import { isEnded, type Job } from './job.ts'
import type { Observation } from '../plugin.ts'
import type { Change } from './store/store.ts'
import { REASONS } from './reasons.ts'

export interface NextStep {
  /** What to store, if anything differs. */
  change?: Change
  /** The job must be started, or started again. */
  start?: boolean
  /** Milliseconds after which to look again without being told. */
  again?: number
}

/**
 * `absent` starts a job that was never handed over, and ends one that was as Lost. `unclaimed` starts it in any case:
 * the plugin promises that it cannot have run. An intent to cancel ends either as Canceled.
 */
export function nextStep (job: Job, seen: Observation): NextStep {
  if (isEnded(job.status)) return {}
  switch (seen.state) {
    case 'absent':
    case 'unclaimed':
      if (job.intent?.operation === 'cancel') return { change: canceled() }
      if (seen.state === 'absent' && job.handedOver) {
        return { change: { status: 'Failed', reason: 'Lost', message: REASONS.Lost } }
      }
      return { start: true }
    case 'pending':
      return {
        change: { handedOver: true, ...defined('reason', seen.reason), ...defined('message', seen.message) },
        ...defined('again', seen.again)
      }
    case 'running':
    case 'suspended':
      return {
        change: {
          handedOver: true,
          status: seen.state === 'running' ? 'Running' : 'Suspended',
          startTime: job.startTime ?? seen.startTime,
          ...defined('pid', seen.pid),
          ...defined('host', seen.host),
          ...clearedOr(job, seen.message)
        },
        ...defined('again', seen.again)
      }
    case 'ended':
      return {
        change: {
          handedOver: true,
          ...seen.verdict,
          ...defined('startTime', job.startTime ?? seen.startTime),
          ...defined('endTime', seen.endTime)
        }
      }
  }
}

export function canceled (): Change {
  return { status: 'Canceled', reason: 'CanceledOnRequest', message: REASONS.CanceledOnRequest }
}

/** What a pending job waited for is over when it runs. */
function clearedOr (job: Job, message: string | undefined): Change {
  if (message !== undefined) return { message }
  return job.status === 'Pending' && job.message !== undefined ? { reason: undefined, message: undefined } : {}
}

function defined<K extends string, V> (name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : { [name]: value } as { [P in K]?: V }
}
