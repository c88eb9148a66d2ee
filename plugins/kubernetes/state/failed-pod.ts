// Decides the outcome of a job whose pod failed or was given up by its node, from what the cluster wrote on the pod.
// Pure and total.

import { timedOut } from '../../../launcher/plugin-kit/outcomes.ts'
import type { Job, JobSubmission, Reason, Outcome } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { rawMessage, quoted, quotedEnd } from '../client/server-message.ts'
import { deadlineExceeded, waitedFor } from './deletion-cause.ts'
import { ofDisruption } from './disruption.ts'
import { publishedPorts } from './unschedulable.ts'
import { isAwaited, WAIT_CONTAINER } from '../objects/wait-for-files.ts'

/** Returns the outcome of a failed pod without an exit code: its program never ran, or its node ended it. */
export function ofFailedPod (pod: TrackedPod, job: Job): Outcome {
  const ended = ofEviction(pod, job) ?? ofDisruption(pod.conditions)
  if (ended !== undefined) return ended
  const init = pod.initContainers.find(({ sidecar, terminated }) =>
    sidecar === undefined && terminated !== undefined && terminated.exitCode !== 0)
  if (init?.terminated !== undefined) {
    const { exitCode, reason, message } = init.terminated
    if (init.name === WAIT_CONTAINER && isAwaited(message ?? '', job.submission.dataMounts)) {
      return dataNotReady(message!)
    }
    const why = reason === 'OOMKilled' ? 'needed more memory than its limit' : `ended with exit code ${exitCode}`
    return failedWith(
      'InitFailed',
      `The step ${init.name}, which prepares the job, ${why}${quotedEnd('it says', message)}.`
    )
  }
  return ofTakenPort(pod, job.submission) ?? ofPodReason(pod, job)
}

/** The node names no port. */
function ofTakenPort ({ reason, message, node }: TrackedPod, { exposedPorts }: JobSubmission): Outcome | undefined {
  if (reason !== 'NodePorts' && reason !== 'HostPortConflict') return undefined
  return failedWith(
    'NodeRefused',
    `The node ${node} refused the job, because it does not have ${publishedPorts(exposedPorts)} ` +
    `free${quoted('Kubernetes', message ?? reason)}.`
  )
}

/** The step that waits for files of the data reports the one that it did not find. */
function dataNotReady (file: string): Outcome {
  return failedWith(
    'DataNotReady',
    `The job waited, without success, for the file ${rawMessage(file)}: it is not in the data of the host, or the ` +
    'job\'s user has no access to it.'
  )
}

/** Returns the outcome if the node ended the pod, regardless of the program's exit code. */
export function ofEviction (pod: TrackedPod, job: Job): Outcome | undefined {
  const isEviction =
    pod.phase === 'Failed' &&
    /^(Evicted|Preempting|Preempted|NodeLost|NodeShutdown|Shutdown|Terminated|DeadlineExceeded)$/.test(pod.reason ?? '')
  return isEviction ? ofPodReason(pod, job) : undefined
}

/** Reasons of a pod that its node rejected. */
const REFUSED_BY_NODE = new RegExp(
  '^(OutOf.+|Node(Affinity|Ports|Name|UnschedulableError)|MatchNodeSelector|.*(Admission|Affinity)Error|' +
  '.*PredicateException|HostPortConflict|PodToleratesNodeTaints|AppArmor|SysctlForbidden)$'
)

/** `reason` is the pod's own reason, set by the node or a controller. */
function ofPodReason (pod: TrackedPod, job: Job): Outcome {
  const { reason = '', message, node, containers } = pod
  const nodeName = node === undefined ? 'The node' : `The node ${node}`
  const quotation = quoted('Kubernetes', [reason, message].filter(part => part !== undefined && part !== '').join(': '))
  // The deadline of a Job deletes the pod. That of a pod is the timeout of the job, unless another client changed it.
  if (reason === 'DeadlineExceeded') {
    const { timeoutSeconds } = job.submission
    const waited = waitedFor(job, pod, undefined)
    if (timeoutSeconds !== undefined && pod.deadline?.setBy === undefined) {
      const by = waited === undefined ? ' by its node' : ` by its node before its program started. ${waited}`.trimEnd()
      return timedOut(timeoutSeconds, undefined, by.replace(/\.$/, '') + quotation)
    }
    return { status: 'Failed', ...deadlineExceeded(pod.deadline, message, waited) }
  }
  if (reason === 'NodeLost') {
    return failedWith('NodeLost', `${nodeName} does not answer; how the program ended is unknown${quotation}.`)
  }
  if (reason === 'SupplementalGroupsPolicyNotSupported') {
    return failedWith(
      'NodeRefused',
      `${nodeName} refused the job, because its container runtime cannot keep the image from adding groups to those ` +
      'of the job; the operator updates the runtime, or sets securityContext.supplementalGroupsPolicy to Merge in a ' +
      `base manifest${quotation}.`
    )
  }
  if (REFUSED_BY_NODE.test(reason)) {
    return failedWith('NodeRefused', `${nodeName} refused the job${quotation}.`)
  }
  if (reason === 'Evicted' && message !== undefined) {
    return failedWith('Evicted', `${nodeName} ended the job: ${shortage(message)}${quotation}.`)
  }
  if (reason === 'Preempting' || reason === 'Preempted') {
    return failedWith('Evicted', `The cluster ended the job to make room for a more important one${quotation}.`)
  }
  if (containers.length === 0 && reason === '') {
    return failedWith('Lost', 'The pod of the job failed, and the cluster gives no reason.')
  }
  return failedWith('Evicted', `The cluster ended the job${quotation}.`)
}

function shortage (message: string): string {
  if (/ephemeral|imagefs|nodefs|disk|emptyDir/i.test(message)) {
    return 'it ran short of disk space, or the job exceeded its limit'
  }
  if (/memory/i.test(message)) return 'it ran short of memory'
  if (/pid/i.test(message)) return 'it ran short of process ids'
  return 'it ran short of a resource'
}

export function failedWith (reason: Reason, message: string): Outcome {
  return { status: 'Failed', reason, message }
}
