// Explains why a job waits whose Job another client suspended, or whose pod scheduling gates hold. Pure.

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

/** For a pod without a node, of a Job that may be unknown. Returns undefined if the pod has no scheduling gates. */
export function gatedPod (
  { schedulingGates = [] }: Pick<PodView, 'schedulingGates'>, jobView: Pick<JobView, 'templateGates'> | undefined
): Suspended | undefined {
  if (schedulingGates.length === 0) return undefined
  const { templateGates = [] } = jobView ?? {}
  const [ofTemplate, others] = [true, false].map(isOfTemplate =>
    schedulingGates.filter(gate => templateGates.includes(gate) === isOfTemplate).join(', '))
  const holders = [
    ofTemplate && `A base Job, an override or a webhook that changed the Job holds ${heldPod(ofTemplate)}`,
    others && `Another client holds ${heldPod(others)}`
  ].filter(holder => holder)
  return {
    reason: 'SuspendedByOther',
    message: `${holders.join('. ')}. The job runs once a queue controller or the operator removes them.`
  }
}

function heldPod (gates: string): string {
  return `the pod of the job in the cluster (spec.schedulingGates: ${gates})`
}
