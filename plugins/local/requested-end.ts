// Decides whether a stop or a kill ended a job. Pure.

import { SIGKILL_EXIT_CODE } from '../../launcher/plugin-kit/outcomes.ts'
import { stopGraceMs, type Job } from '../../launcher/plugin.ts'

/** File times may be this many milliseconds behind the launcher's clock. */
const FILE_CLOCK_MS = 20

/** Returns undefined if no request did. What ended before a request did not end because of it. */
export function requestedEnd (
  job: Job, exitCode: number, endTime: number
): 'killed' | 'stopped' | 'grace exceeded' | undefined {
  const { killAt = Infinity, stopAt = Infinity } = requestsOf(job)
  const endedAfter = (at: number): boolean => endTime >= at - FILE_CLOCK_MS
  const isKilled = exitCode === SIGKILL_EXIT_CODE
  if (endedAfter(killAt) && isKilled) return 'killed'
  if (!endedAfter(stopAt)) return undefined
  return isKilled && endedAfter(stopAt + stopGraceMs(job)) ? 'grace exceeded' : 'stopped'
}

function requestsOf ({ intent }: Job): { readonly killAt?: number, readonly stopAt?: number } {
  switch (intent?.operation) {
    case 'kill': return { killAt: intent.at, ...(intent.stopAt !== undefined && { stopAt: intent.stopAt }) }
    case 'stop': return { stopAt: intent.at }
    default: return {}
  }
}
