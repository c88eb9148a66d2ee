// Explains why a job waits whose Job another client suspended. Pure.

import type { JobView } from '../cache/views.ts'
import type { Waiting } from './pending-reason.ts'

/** For a Job without a pod. Returns undefined if it is not suspended. */
export function suspendedJob (
  { name, suspended, suspendedBy }: Pick<JobView, 'name' | 'suspended' | 'suspendedBy'>
): Waiting | undefined {
  if (suspended !== true) return undefined
  const client = suspendedBy === undefined ? '' : ` (${suspendedBy})`
  return {
    reason: 'SuspendedByOther',
    message: `Another client${client} suspended the job in the cluster (spec.suspend of its Job). It runs once a ` +
      `queue controller or the operator resumes it, for example with kubectl patch job ${name} -p ` +
      '\'{"spec":{"suspend":false}}\'.'
  }
}
