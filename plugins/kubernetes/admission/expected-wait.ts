// Decides from the verdicts on its objects what an accepted job would wait for. Pure.

import type { ExpectedWait } from '../../../launcher/plugin.ts'
import type { DryRunResult, Kind } from './server-dry-run.ts'

/** One object of the job, in the order in which they are created, and the answer about it. */
export type Answer = readonly [kind: Kind, result: DryRunResult]

/**
 * Returns the first object that the API server would not accept now, or else the first one without an answer. A job
 * runs without its Service, so it does not wait for that one. Returns undefined if nothing holds up the job.
 */
export function expectedWait (answers: readonly Answer[]): ExpectedWait | undefined {
  const needed = answers.filter(([kind]) => kind !== 'Service')
  const [, waiting] = needed.find(([, { verdict }]) => verdict.state === 'waits') ?? []
  if (waiting !== undefined) {
    const { verdict: { message = '' }, reason } = waiting
    return { state: 'waits', ...(reason !== undefined && { reason }), message }
  }
  const [kind, open] = needed.find(([, { verdict }]) => verdict.state === 'unknown') ?? []
  if (open === undefined) return undefined
  const { verdict: { message = '' } } = open
  return {
    state: 'unknown',
    message: `It is not known whether the cluster accepts the ${kind} of the job now: ${message}`
  }
}
