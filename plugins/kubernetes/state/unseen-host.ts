// Explains why a pod waits that is for the node that its job names, and has no trace of that node. Pure and total.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { Waiting } from './waiting.ts'

/** A pod with a host passes the scheduler, and has no conditions until its node reports some. */
export function isUnseenByHost (
  { node, conditions, gone }: Pick<TrackedPod, 'node' | 'conditions' | 'gone'>, { host }: JobSubmission
): boolean {
  return host !== undefined && node !== undefined && conditions.length === 0 && !gone
}

export function unseenByHost (
  pod: Pick<TrackedPod, 'node' | 'conditions' | 'gone'>, submission: JobSubmission
): Waiting | undefined {
  if (!isUnseenByHost(pod, submission)) return undefined
  return {
    reason: 'HostNotReady',
    message: `The node ${pod.node}, which the job names as its host, has not accepted the job; the node is not ` +
      'ready, or does not exist.'
  }
}
