// Explains why a job does not run yet, in one sentence for its user, with a reason code. Pure and total.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { quoted, quotedEnd, quotedRule } from '../client/server-message.ts'
import { admissionRefusalOf, isViolation } from './admission-refusal.ts'
import { isBeingDeleted, namespaceDeleted } from './missing-namespace.ts'
import { quotaProblem } from './quota.ts'
import { gatedPod } from './suspended-job.ts'
import { missingRemedy, unschedulable } from './unschedulable.ts'
import { unseenByHost } from './unseen-host.ts'
import type { Waiting } from './waiting.ts'
import type { ContainerView, EventView, JobView } from '../cache/views.ts'
import { CONTENT } from '../metadata/names.ts'
import { RUNTIME_CONTAINER, RUNTIME_VOLUME } from '../objects/runtime-components.ts'
import { WAIT_CONTAINER, waitingForFiles } from '../objects/wait-for-files.ts'

/** Reasons that a node reports for an image it does not have. */
const PULL = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'RegistryUnavailable',
  'ErrImageNeverPull',
  'SignatureValidationFailed'
]
const CONFIGURATION = ['CreateContainerConfigError', 'CreateContainerError', 'PreCreateHookError', 'PreStartHookError']

/** What a node reports for an object that the pod needs and that does not exist, or does not have a key. */
const MISSING = /(secret|configmap|persistentvolumeclaim) "([^"]+)" not found/i
const MISSING_KEY = /couldn't find key (\S+) in (secret|configmap) (?:\S+\/)?(\S+)/i
/** What a node reports for a container that would run as root and must not. A retry cannot help. */
const RUNS_AS_ROOT = /runAsNonRoot|run as root|non-root policy/i

/** What a node reports that has no user namespaces, or whose file system cannot map the ids of users. */
const USER_NAMESPACE = /hostUsers|user ?namespace|idmap/i
/** What container runtimes report that do not know image volumes: containerd before 2.1, and CRI-O. */
const NO_IMAGE_VOLUMES = /failed to mkdir ""|mount\.HostPath is empty/i
/** What a kubelet reports that does not know the volume with the runtime components, or has them switched off. */
const NO_VOLUME_PLUGIN = new RegExp(`${RUNTIME_VOLUME}.*no volume plugin matched`)

/** The reason of the event with which a Job controller reports that a pod was refused. */
export const FAILED_CREATE = 'FailedCreate'

export function isFailedCreate ({ reason }: EventView): boolean {
  return reason === FAILED_CREATE
}

/** For a Job without a pod. `events` are those of the Job, if they were read. `levelChanged`: see `Snapshot`. */
export function waitingForPod (
  events: readonly EventView[] | undefined, namespace: string, levelChanged = false
): Waiting {
  if (events === undefined) return { message: 'The cluster is about to create the pod of the job.' }
  const problem = events.findLast(isFailedCreate)?.message
  if (problem === undefined) {
    return { message: 'The cluster has not created the pod of the job yet, and does not say why.' }
  }
  // Each attempt uses another name for the pod. Without the name the message stays constant.
  const words = problem.replace(/^(\(combined from similar events\): )?Error creating: (pods? "[^"]*" is \w+: )?/i, '')
  if (/exceeded quota/i.test(problem)) {
    return {
      reason: 'QuotaExceeded',
      message: `${quotaProblem(problem, namespace)}${quoted('Kubernetes', words)}.`
    }
  }
  if (isBeingDeleted(problem)) {
    return { reason: 'NamespaceNotFound', message: `${namespaceDeleted(namespace)}${quoted('Kubernetes', words)}.` }
  }
  const refusal = admissionRefusalOf(problem, namespace)
  if (refusal === undefined) {
    return { message: `The cluster cannot create the pod of the job yet${quoted('Kubernetes', words)}.` }
  }
  const { by, why } = refusal
  if (levelChanged && isViolation(problem)) {
    return {
      reason: 'RefusedByCluster',
      message: `The Pod Security level of the namespace ${namespace} changed while the job started, and its pod was ` +
        'built for the former level. The job runs if that is set again; a job that is submitted now is built for the ' +
        `present level${quotedRule('Kubernetes', words)}.`
    }
  }
  return {
    reason: 'RefusedByCluster',
    message: `The cluster refuses the pod of the job${by === 'rule' ? '' : ' for now'}: ` +
      `${why}${quotedRule('Kubernetes', words)}.`,
    ...(by === 'rule' && { deadline: 'never' as const })
  }
}

/** For a pod whose program has not started. `events` are those of the pod. `jobView`: its Job, if that is known. */
export function waitingOf (
  pod: TrackedPod,
  submission: JobSubmission,
  events: readonly EventView[],
  jobView?: JobView
): Waiting {
  const rejected = [...pod.initContainers, ...pod.containers].find(container => rejectionOf(container) !== undefined)
  if (rejected !== undefined) return ofContainer(rejected, pod, submission)
  const gated = gatedPod(pod, jobView)
  if (gated !== undefined) return gated
  const scheduled = pod.conditions.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    return scheduled.reason === 'Unschedulable'
      ? unschedulable(scheduled.message ?? '', submission, pod)
      : { message: `The cluster is looking for a node${quoted('Kubernetes', scheduled.message)}.` }
  }
  if (pod.node === undefined) return { message: 'The cluster is looking for a node.' }
  // A running step is past the problems that events report.
  const step = runningStep(pod)
  if (step?.name === WAIT_CONTAINER) return { reason: 'DataNotReady', message: waitingForFiles(submission.dataMounts) }
  if (step?.sidecar !== undefined) {
    // Before 1.35, nodes report no CrashLoopBackOff in a pod that is not restarted.
    const { lastExitCode, lastMessage } = step.sidecar
    const end = lastExitCode === undefined
      ? ''
      : `; it last ended with exit code ${lastExitCode}${quotedEnd('its end', lastMessage)}`
    const why = quoted('the node', step.waiting?.reason)
    return {
      ...(lastExitCode !== undefined && { reason: 'SidecarFailed' }),
      message: `The job waits until its sidecar ${step.name} has started${end}${why}.`
    }
  }
  if (step !== undefined) return { message: `The job is being prepared: ${stepText(step)}.` }
  const unseen = unseenByHost(pod, submission)
  if (unseen !== undefined) return unseen
  const ready = pod.conditions.find(({ type }) => type === 'PodReadyToStartContainers')
  if (ready?.status !== 'True') {
    // What these events report is past once the pod is ready to start containers.
    const volume = events.findLast(({ reason }) => /^Failed(Mount|AttachVolume|MapVolume)$/.test(reason))
    if (volume !== undefined) return ofVolume(volume.message, pod)
    const sandbox = events.findLast(({ reason }) => reason === 'FailedCreatePodSandBox')
    if (sandbox !== undefined) return ofSandbox(sandbox.message, pod.node)
  }
  if (ready?.status === 'False') {
    return { message: `The node ${pod.node} is preparing the storage and the network of the job.` }
  }
  if (events.at(-1)?.reason === 'Pulling') return { message: `The node ${pod.node} is pulling the image.` }
  return { message: `The node ${pod.node} is preparing the container.` }
}

/** A step may take long, and nothing shows whether it hangs. */
function stepText ({ name, running: { startedAt } = {} }: ContainerView): string {
  const since = startedAt === undefined ? '' : ` since ${new Date(startedAt).toISOString()}`
  return `its step ${name} runs${since}`
}

/** Returns the init container that the job waits for and that runs, or that is a sidecar between two runs. */
export function runningStep ({ initContainers }: TrackedPod): ContainerView | undefined {
  return initContainers.find(({ sidecar, running, terminated, waiting }) =>
    sidecar === undefined
      ? running !== undefined
      : !sidecar.started && (running ?? terminated ?? restarts(waiting)) !== undefined)
}

function restarts (waiting: ContainerView['waiting']) {
  return waiting?.reason === 'CrashLoopBackOff' ? waiting : undefined
}

function rejectionOf ({ waiting }: ContainerView): string | undefined {
  const reason = waiting?.reason ?? ''
  return reason === 'InvalidImageName' || PULL.includes(reason) || CONFIGURATION.includes(reason) ? reason : undefined
}

function ofContainer (
  container: ContainerView,
  pod: TrackedPod,
  { container: own }: JobSubmission
): Waiting {
  const { reason = '', message = '' } = container.waiting ?? {}
  const sidecar = container.sidecar === undefined ? undefined : `the sidecar ${container.name}`
  const image = sidecar === undefined ? imageOf(message, own?.image) : imageOfSidecar(message, sidecar)
  if (reason === 'InvalidImageName') {
    return {
      reason: 'InvalidImageName',
      deadline: 'never',
      message: `The name of the image ${image} is not valid${quoted('the node', message)}.`
    }
  }
  if (PULL.includes(reason)) {
    const answer = pod.pullAnswer ?? message
    return {
      reason: 'ImagePullBackOff',
      deadline: 'image pull',
      message: `The image ${image} cannot be pulled: ${pullProblem(answer)}${quoted('the registry', answerOf(answer))}.`
    }
  }
  if (NO_IMAGE_VOLUMES.test(message)) return imageVolumeNotSupported(pod, message)
  const isRoot = RUNS_AS_ROOT.test(message)
  const problem = isRoot
    ? rootProblem(message, container.name)
    : configurationProblem(message, sidecar ?? 'the container of the job')
  const remedy = MISSING.test(message) || MISSING_KEY.test(message) ? missingRemedy(pod) : ''
  return {
    reason: 'CreateContainerConfigError',
    deadline: isRoot && holdsUpProgram(container, pod) ? 'never' : 'configuration',
    message: `${problem}${quoted('the node', message)}.${remedy}`
  }
}

/** A sidecar that cannot start does not keep the program from starting. */
function holdsUpProgram ({ name }: ContainerView, { initContainers }: TrackedPod): boolean {
  return name === CONTENT || initContainers.some(step => step.name === name)
}

/**
 * Returns the image that the message names, in the job's spelling if it is the same: nodes expand the name in some
 * messages.
 */
function imageOf (message: string, own: string | undefined): string {
  const named = imageNamedIn(message)
  if (named === undefined || own === undefined) return named ?? own ?? 'of the job'
  return named === own || [`/${own}`, `/${own}:latest`].some(end => named.endsWith(end)) ? own : named
}

function imageOfSidecar (message: string, sidecar: string): string {
  const named = imageNamedIn(message)
  return named === undefined ? `of ${sidecar}` : `${named} of ${sidecar}`
}

function imageNamedIn (message: string): string | undefined {
  return /image "([^"]+)"/.exec(message)?.[1]
}

function pullProblem (answer: string): string {
  if (/unauthorized|authentication required|denied|forbidden|\b40[13]\b/i.test(answer)) {
    return 'the registry denies access to it'
  }
  if (/not ?found|manifest unknown|does not exist|\b404\b/i.test(answer)) return 'it does not exist in the registry'
  if (/no such host|lookup|dial|timeout|connection refused|network|i\/o/i.test(answer)) {
    return 'the registry does not answer'
  }
  if (/too ?many ?requests|rate limit|\b429\b/i.test(answer)) return 'the registry currently allows no more pulls'
  return 'the cluster will retry'
}

/** Removes the prefixes that only repeat the name of the image. */
function answerOf (answer: string): string {
  return answer
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/^failed to pull (and unpack )?image "[^"]*": /, '')
}

/** `container` names it in a sentence. */
function configurationProblem (message: string, container: string): string {
  const missing = MISSING.exec(message)
  if (missing !== null) return `The job needs the ${kindName(missing[1]!)} ${missing[2]}, which does not exist`
  const key = MISSING_KEY.exec(message)
  if (key !== null) {
    return `The job needs the key ${key[1]} of the ${kindName(key[2]!)} ${key[3]}, which has no such key`
  }
  const folder = /failed to ensure image subpath "([^"]*)"/i.exec(message)
  if (folder !== null) {
    return `The runtime image has no folder /${folder[1]}; the operator sets another runtime-image-path ` +
      '(Launcher.RuntimeImagePath)'
  }
  if (/failed to (prepare subPath|create subPath directory)/i.test(message)) {
    return 'A folder that the job mounts cannot be used: it cannot be created, or a link leads out of its volume'
  }
  return `${container.replace('the', 'The')} cannot be created`
}

function rootProblem (message: string, container: string): string {
  const images: Readonly<Record<string, string>> = { [CONTENT]: 'the image', [RUNTIME_CONTAINER]: 'the runtime image' }
  const image = images[container] ?? `the image of ${container}`
  return /non-numeric user/i.test(message)
    ? `The cluster does not allow root, and ${image} names its user without a number; set container.runAsUserId`
    : `The cluster does not allow ${image} to run as root; set container.runAsUserId`
}

/** The pod stays on its node, so waiting cannot help. */
function imageVolumeNotSupported ({ node }: TrackedPod, message: string): Waiting {
  return {
    reason: 'ImageVolumeNotSupported',
    deadline: 'never',
    message: `The node ${node} cannot mount the image with the runtime components of the host; the operator sets ` +
      'runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or updates the container runtime ' +
      `of the node${quoted('the node', message)}.`
  }
}

function ofVolume (message: string, pod: TrackedPod): Waiting {
  if (NO_VOLUME_PLUGIN.test(message)) return imageVolumeNotSupported(pod, message)
  const missing = MISSING.exec(message)
  const what =
    missing === null
      ? 'Storage that the job mounts is not ready'
      : `The job mounts the ${kindName(missing[1]!)} ${missing[2]}, which does not exist`
  const remedy = missing === null ? '' : missingRemedy(pod)
  return { reason: 'VolumeNotReady', message: `${what}${quoted('the node', message)}.${remedy}` }
}

/** A sandbox holds the network and the namespaces of a pod. The node retries each failure. */
function ofSandbox (message: string, node: string): Waiting {
  const quotation = quoted('the node', message)
  if (!USER_NAMESPACE.test(message)) {
    return { message: `The node ${node} cannot prepare the container yet${quotation}.` }
  }
  return {
    reason: 'CreateContainerConfigError',
    deadline: 'configuration',
    message: `The node ${node} cannot run the job in a user namespace, which hostUsers: false requests; the operator ` +
      `updates the container runtime of the node, or removes hostUsers from the pods of jobs${quotation}.`
  }
}

function kindName (kind: string): string {
  return (
    { secret: 'secret', configmap: 'config map', persistentvolumeclaim: 'persistent volume claim' }[
      kind.toLowerCase()
    ] ?? kind
  )
}
