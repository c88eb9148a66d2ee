// Decides how a job ended whose pod failed or was given up, from what the cluster wrote on the pod. Pure and total.

import type { Reason, Outcome } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { rawMessage, quoted } from '../client/server-message.ts'
import type { ConditionView } from '../cache/views.ts'
import { WAIT_CONTAINER } from '../objects/wait-for-files.ts'

/** The pod failed and its program has left no exit code: it never ran, or its node gave it up. */
export function ofFailedPod (pod: TrackedPod): Outcome {
  const disrupted = ofDisruption(pod.conditions)
  if (disrupted !== undefined) return disrupted
  const evicted = ofEviction(pod)
  if (evicted !== undefined) return evicted
  const init = pod.initContainers.find(({ terminated }) => terminated !== undefined && terminated.exitCode !== 0)
  if (init?.terminated !== undefined) {
    const { exitCode, reason, message } = init.terminated
    if (init.name === WAIT_CONTAINER && message?.startsWith('/')) return waitedInVain(message)
    const why = reason === 'OOMKilled' ? 'needed more memory than it may use' : `ended with exit code ${exitCode}`
    return failedWith(
      'InitFailed',
      `The step ${init.name}, which prepares the job, ${why}${quoted('it says', message)}.`
    )
  }
  return ofPodReason(pod)
}

/** The step that waits for files of the data tells the one that it did not find. */
function waitedInVain (file: string): Outcome {
  return failedWith(
    'DataNotReady',
    `The job waited in vain for the file ${rawMessage(file)}: it is not in the data of the host, or the user of the ` +
    'job may not see it.'
  )
}

/** The node gave the pod up, whatever its program's exit code says. */
export function ofEviction (pod: TrackedPod): Outcome | undefined {
  const given =
    pod.phase === 'Failed' &&
    /^(Evicted|Preempting|Preempted|NodeLost|NodeShutdown|Shutdown|Terminated)$/.test(pod.reason ?? '')
  return given ? ofPodReason(pod) : undefined
}

/** `reason` is what the node, or a controller, wrote on the pod as a whole. */
const REFUSED_BY_NODE = new RegExp(
  '^(OutOf.+|Node(Affinity|Ports|Name|UnschedulableError)|MatchNodeSelector|.*(Admission|Affinity)Error|' +
  '.*PredicateException|HostPortConflict|PodToleratesNodeTaints|AppArmor|SysctlForbidden)$'
)

function ofPodReason ({ reason = '', message, node, containers }: TrackedPod): Outcome {
  const where = node === undefined ? 'The node' : `The node ${node}`
  const raw = quoted('Kubernetes', [reason, message].filter(part => part !== undefined && part !== '').join(': '))
  if (reason === 'NodeLost') {
    return failedWith('NodeLost', `${where} does not answer; how the program ended is unknown${raw}.`)
  }
  if (REFUSED_BY_NODE.test(reason)) {
    return failedWith('NodeRefused', `${where} refused the job${raw}.`)
  }
  if (reason === 'Evicted' && message !== undefined) {
    return failedWith('Evicted', `${where} ended the job: ${shortage(message)}${raw}.`)
  }
  if (reason === 'Preempting' || reason === 'Preempted') {
    return failedWith('Evicted', `The cluster ended the job to make room for a more important one${raw}.`)
  }
  if (containers.length === 0 && reason === '') {
    return failedWith('Lost', 'The pod of the job failed, and the cluster says nothing of why.')
  }
  return failedWith('Evicted', `The cluster ended the job${raw}.`)
}

function shortage (message: string): string {
  if (/ephemeral|imagefs|nodefs|disk|emptyDir/i.test(message)) {
    return 'it ran short of disk space, or the job used more than it may'
  }
  if (/memory/i.test(message)) return 'it ran short of memory'
  if (/pid/i.test(message)) return 'it ran short of process ids'
  return 'it ran short of a resource'
}

/** A disruption that came after the program's end did not end it. */
export function ofDisruption (conditions: readonly ConditionView[], finishedAt?: number): Outcome | undefined {
  const condition = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
  if (
    condition === undefined ||
    (finishedAt !== undefined && condition.at !== undefined && finishedAt < condition.at)
  ) {
    return undefined
  }
  const raw = quoted('Kubernetes', [condition.reason, condition.message].filter(part => part !== undefined).join(': '))
  switch (condition.reason) {
    case 'DeletionByTaintManager':
    case 'DeletionByPodGC':
      return failedWith('NodeLost', `The node of the job was lost or taken out of service${raw}.`)
    case 'PreemptionByScheduler':
    case 'PreemptionByKubeScheduler':
      return failedWith('Evicted', `The cluster ended the job to make room for a more important one${raw}.`)
    default:
      return failedWith('Evicted', `The cluster ended the job to free its node${raw}.`)
  }
}

export function failedWith (reason: Reason, message: string): Outcome {
  return { status: 'Failed', reason, message }
}
