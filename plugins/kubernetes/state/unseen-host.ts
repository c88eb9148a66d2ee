// Explains why a pod waits that is for the node that its job names, and has no trace of that node. Pure and total.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { Waiting } from './waiting.ts'
import type { Snapshot } from './snapshot.ts'

/** A node that runs reports within a second that it has seen a pod. */
const NODE_MS = 30_000

type UnseenPod = Pick<TrackedPod, 'node' | 'conditions' | 'gone'>

/** A pod with a host passes the scheduler, and has no conditions until its node reports some. */
export function isUnseenByHost ({ node, conditions, gone }: UnseenPod, { host }: JobSubmission): boolean {
  return host !== undefined && node !== undefined && conditions.length === 0 && !gone
}

export function unseenByHost (pod: UnseenPod, submission: JobSubmission): Waiting | undefined {
  if (!isUnseenByHost(pod, submission)) return undefined
  return {
    reason: 'HostNotReady',
    message: `The node ${pod.node}, which the job names as its host, has not accepted the job; the node is not ` +
      'ready, or does not exist.'
  }
}

export function missingHost (
  pod: UnseenPod, { job, hostMissing }: Pick<Snapshot, 'job' | 'hostMissing'>
): Waiting | undefined {
  if (hostMissing !== true || !isUnseenByHost(pod, job.submission)) return undefined
  return {
    reason: 'HostNotFound',
    message: `The node ${pod.node}, which the job names as its host, does not exist; the cluster ends the job in ` +
      'about a minute.'
  }
}

/** Whether the end of the pod need not wait for its node: there is none, or it has given no sign of life for long. */
export function endsWithoutNode (
  pod: UnseenPod & Pick<TrackedPod, 'createdAt'>,
  { job, now, synced, hostMissing = false }: Pick<Snapshot, 'job' | 'now' | 'synced' | 'hostMissing'>
): boolean {
  return synced && isUnseenByHost(pod, job.submission) && (hostMissing || now - pod.createdAt >= NODE_MS)
}
