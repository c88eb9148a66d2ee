// Explains why a pod waits that was created with its node, and has no trace of that node. Pure and total.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { Waiting } from './waiting.ts'
import type { Snapshot } from './snapshot.ts'

/** A node that runs reports within a second that it has seen a pod. */
const NODE_MS = 30_000

type UnseenPod = Pick<TrackedPod, 'node' | 'conditions' | 'gone'>

/** A scheduler gives a pod its node and a condition at once. A pod that passes it has none until its node reports. */
export function isUnseenByHost ({ node, conditions, gone }: UnseenPod): boolean {
  return node !== undefined && conditions.length === 0 && !gone
}

/** Says which node the pod was created with, and who named it, for a pod that no scheduler gave its node. */
export function namedNode ({ node }: Pick<TrackedPod, 'node'>, { host }: JobSubmission): string {
  return node === host
    ? `The node ${node}, which the job names as its host,`
    : `The node ${node}, which a base Job, an override or a webhook names (spec.nodeName of the pod),`
}

export function unseenByHost (pod: UnseenPod, submission: JobSubmission): Waiting | undefined {
  if (!isUnseenByHost(pod)) return undefined
  return {
    reason: 'HostNotReady',
    message: `${namedNode(pod, submission)} has not accepted the job; the node is not ready, or does not exist.`
  }
}

export function missingHost (
  pod: UnseenPod, { job, hostMissing }: Pick<Snapshot, 'job' | 'hostMissing'>
): Waiting | undefined {
  if (hostMissing !== true || !isUnseenByHost(pod)) return undefined
  return {
    reason: 'HostNotFound',
    message: `${namedNode(pod, job.submission)} does not exist; the cluster ends the job in about a minute.`
  }
}

/** Whether the end of the pod need not wait for its node: there is none, or it has given no sign of life for long. */
export function endsWithoutNode (
  pod: UnseenPod & Pick<TrackedPod, 'createdAt'>,
  { now, synced, hostMissing = false }: Pick<Snapshot, 'now' | 'synced' | 'hostMissing'>
): boolean {
  return synced && isUnseenByHost(pod) && (hostMissing || now - pod.createdAt >= NODE_MS)
}
