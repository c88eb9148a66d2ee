// Explains why a job waits whose Job another client suspended, or whose pod it holds with scheduling gates. Pure.

import type { Reason } from '../../../launcher/plugin.ts'
import type { JobView, PodView } from '../cache/views.ts'

interface Suspended {
  readonly reason: Reason
  readonly message: string
}

/** For a Job without a pod. Returns undefined if it is not suspended. */
export function suspendedJob (
  { name, suspended, suspendedBy }: Pick<JobView, 'name' | 'suspended' | 'suspendedBy'>, namespace: string
): Suspended | undefined {
  if (suspended !== true) return undefined
  return {
    reason: 'SuspendedByOther',
    message: `${suspendedText(suspendedBy)}. It runs once a queue controller or the operator resumes it, for ` +
      `example with kubectl -n ${namespace} patch job ${name} -p '{"spec":{"suspend":false}}'.`
  }
}

/** Says who suspended the Job, without a full stop. */
export function suspendedText (suspendedBy: string | undefined): string {
  const client = suspendedBy === undefined ? '' : ` (${suspendedBy})`
  return `Another client${client} suspended the job in the cluster (spec.suspend of its Job)`
}

/** For a pod without a node. Returns undefined if it has no scheduling gates. */
export function gatedPod ({ schedulingGates = [] }: Pick<PodView, 'schedulingGates'>): Suspended | undefined {
  if (schedulingGates.length === 0) return undefined
  const names = schedulingGates.join(', ')
  return {
    reason: 'SuspendedByOther',
    message: `Another client holds the pod of the job in the cluster (spec.schedulingGates: ${names}). The job runs ` +
      'once a queue controller or the operator removes them.'
  }
}
