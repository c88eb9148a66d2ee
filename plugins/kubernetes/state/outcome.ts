// Decides the outcome of a job from its first pod, its Job and the requested operation. Pure and total.

import { constants } from 'node:os'
import {
  canceled,
  childOutOfMemory,
  exited,
  killedOnRequest,
  signalName,
  SIGKILL_EXIT_CODE,
  stopGraceExceeded,
  stoppedOnRequest,
  type TypedOutcome
} from '../../../launcher/plugin-kit/outcomes.ts'
import { stopGraceMs, type Job, type Outcome } from '../../../launcher/plugin.ts'
import { deadlineExceeded, waitedFor } from './deletion-cause.ts'
import { ofDisruption } from './disruption.ts'
import { failedWith, ofEviction, ofFailedPod } from './failed-pod.ts'
import { ofFailedStart } from './failed-start.ts'
import { startOf, terminatedOf, type TrackedPod, type Terminated } from '../cache/tracked-pod.ts'
import { quoted } from '../client/server-message.ts'
import { failureOf, type JobView, isTrue } from '../cache/views.ts'

const { SIGKILL } = constants.signals
/** Exit code that containerd reports for a container that it lost, for example in a restart of the node. */
const LOST_CONTAINER_EXIT_CODE = 255
/** Tolerance, because times have whole seconds. */
const CLOCK_TOLERANCE_MS = 1000
/** The node does not say in the state of a container why it killed it. */
const KILLED = ', as if it was killed, for example on a node without free memory, or because a liveness probe, a ' +
  'startup probe or a postStart hook of its container failed'

/** Returns undefined while the pod exists and its program may still run. */
export function outcomeOf (job: Job, jobView: JobView | undefined, pod: TrackedPod): Outcome | undefined {
  const requested = requestedOperationOf(job, jobView, pod)
  const terminated = terminatedOf(pod)
  if (terminated !== undefined) return ofProgram(job, requested, pod, terminated)
  if (pod.phase === 'Succeeded') return exited(0)
  if (pod.phase === 'Failed') {
    return pod.deletedWhileRunning ? ofDeletedPod(job, jobView, pod) : ofFailedPod(pod, job)
  }
  return pod.gone ? ofVanishedPod(job, jobView, pod) : undefined
}

/**
 * Returns the outcome of a job whose pod is gone, or never existed, and whose program was not observed to end.
 * `hasOutput`: output of the job exists.
 */
export function ofVanishedPod (
  job: Job,
  jobView: JobView | undefined,
  pod: TrackedPod | undefined,
  hasOutput = false
): Outcome {
  const requested = requestedOperationOf(job, jobView, pod)
  const started = hasOutput || hasStarted(job, pod)
  if (requested === 'kill' || (requested === 'cancel' && started)) return killedOnRequest(SIGKILL_EXIT_CODE)
  if (requested === 'cancel') return canceled()
  if (requested === 'stop') {
    if (pod !== undefined && exceededGrace(job, pod)) return stopGraceExceeded(job)
    return {
      status: 'Finished',
      reason: 'Stopped',
      message: 'The job was stopped on request; its pod was gone before its exit code could be read.'
    } satisfies TypedOutcome
  }
  if (jobView !== undefined && hasSucceeded(jobView)) return exited(0)
  const disrupted = pod && ofDisruption(pod.conditions)
  if (disrupted !== undefined) return disrupted
  const failed = jobView && failureOf(jobView)
  if (failed?.reason === 'DeadlineExceeded') {
    const waited = started ? undefined : waitedFor(job, pod, jobView)
    return { status: 'Failed', ...deadlineExceeded(jobView?.deadline, failed.message, waited) }
  }
  if (failed?.reason === 'PodFailurePolicy') return ofFailurePolicy(failed.message)
  // The Job controller counts a pod that was deleted while its program ran as failed.
  if (pod?.deletedWhileRunning === true) return deletedExternally(started)
  if (failed !== undefined || (jobView?.failed ?? 0) > 0) {
    return {
      status: 'Failed',
      reason: 'Lost',
      message: 'The program failed, or its pod was deleted; the pod was gone before its exit code could be read.'
    } satisfies TypedOutcome
  }
  return deletedExternally(started)
}

function hasSucceeded ({ succeeded, conditions }: JobView): boolean {
  return succeeded > 0 || isTrue(conditions, 'Complete') || isTrue(conditions, 'SuccessCriteriaMet')
}

/** A webhook can give the Job a podFailurePolicy. The cluster's words name the rule, and an exit code. */
function ofFailurePolicy (words: string | undefined): Outcome {
  return {
    status: 'Failed',
    reason: 'Lost',
    message: 'A rule of the podFailurePolicy of its Job failed the job; its pod was gone before its exit code could ' +
      `be read${quoted('Kubernetes', words)}.`
  } satisfies TypedOutcome
}

/** The node does not answer, so the fate of the program is unknown. */
export function nodeLost (pod: TrackedPod, requested: boolean): Outcome {
  const node = pod.node === undefined ? 'The node of the job' : `The node ${pod.node}`
  const ending = requested
    ? 'the job was requested to end, and how it ended is unknown'
    : 'how the program ended is unknown'
  return failedWith('NodeLost', `${node} does not answer; ${ending}.`)
}

/** A user or controller other than the launcher deleted the pod or the Job. */
function deletedExternally (started: boolean): Outcome {
  const when = started ? 'while its program ran' : 'before its program started'
  return failedWith(
    'DeletedExternally',
    `Another user or controller deleted the job in the cluster ${when}; it is not run again.`
  )
}

/** Whether the program was ever observed to run. */
export function hasStarted (job: Job, pod: TrackedPod | undefined): boolean {
  return job.startTime !== undefined || (pod !== undefined && startOf(pod) !== undefined)
}

/** Returns the requested operation that was or will be carried out. A cancel after the start is not carried out. */
export function requestedOperationOf (
  job: Job,
  jobView: JobView | undefined,
  pod: TrackedPod | undefined
): JobView['requestedOperation'] {
  const operation = job.intent?.operation ?? jobView?.requestedOperation
  const tooLate =
    operation === 'cancel' && jobView !== undefined && jobView.requestedOperation === undefined && hasStarted(job, pod)
  return tooLate ? undefined : operation
}

/** The deletion preceded the program's end, and left no exit code. */
function ofDeletedPod (job: Job, jobView: JobView | undefined, pod: TrackedPod): Outcome {
  if (requestedOperationOf(job, jobView, pod) !== undefined) return ofVanishedPod(job, jobView, pod)
  return ofEviction(pod, job) ?? ofDisruption(pod.conditions) ?? deletedExternally(hasStarted(job, pod))
}

function ofProgram (
  job: Job,
  requested: JobView['requestedOperation'],
  pod: TrackedPod,
  terminated: Terminated
): Outcome {
  const { exitCode, reason } = terminated
  const failedStart = ofFailedStart(job, terminated)
  if (failedStart !== undefined) return requested === 'cancel' ? canceled() : failedStart
  if (pod.deletedWhileRunning && requested !== undefined) return ofRequested(job, requested, pod, terminated)
  const ended = ofEviction(pod, job) ?? ofDisruption(pod.conditions, terminated.finishedAt)
  if (ended !== undefined) return { ...ended, exitCode }
  if (pod.deletedWhileRunning) {
    return hasStarted(job, pod) ? { ...deletedExternally(true), exitCode } : deletedExternally(false)
  }
  if (reason === 'OOMKilled' && exitCode === SIGKILL_EXIT_CODE) return outOfMemory(job)
  if (reason === 'ContainerStatusUnknown' || (reason === 'Unknown' && exitCode === LOST_CONTAINER_EXIT_CODE)) {
    return failedWith(
      'NodeLost',
      `The node ${pod.node ?? 'of the job'} lost the container, as in a restart; how the program ended is unknown.`
    )
  }
  return ofExitCode(terminated, reason === 'OOMKilled' ? childOutOfMemory(memoryLimit(job)) : '')
}

/** The launcher's own deletion occurred while the program ran. */
function ofRequested (
  job: Job,
  requested: 'stop' | 'kill' | 'cancel',
  pod: TrackedPod,
  { exitCode, finishedAt }: Terminated
): Outcome {
  const { deletedAt } = pod
  if (requested === 'cancel' && !hasStarted(job, pod)) return canceled()
  if (requested !== 'stop') return killedOnRequest(SIGKILL_EXIT_CODE)
  if (
    exitCode === SIGKILL_EXIT_CODE &&
    finishedAt !== undefined &&
    deletedAt !== undefined &&
    finishedAt >= deletedAt - CLOCK_TOLERANCE_MS
  ) {
    return stopGraceExceeded(job)
  }
  return stoppedOnRequest(exitCode)
}

/**
 * Whether the node reported the pod as not ready only after the grace period of its deletion. No other trace is left
 * once its container is gone.
 */
function exceededGrace (job: Job, { deletedAt, deletionGraceMs = 0, conditions }: TrackedPod): boolean {
  const ended = conditions.find(({ type, status }) => type === 'Ready' && status === 'False')?.at
  return ended !== undefined && deletedAt !== undefined && ended >= deletedAt - deletionGraceMs + stopGraceMs(job)
}

/**
 * Kubernetes reports exit codes only. Those that a shell uses for a signal are reported as that signal, except
 * SIGKILL's, which is too ambiguous. `hint` continues the sentence.
 */
function ofExitCode ({ exitCode, signal }: Terminated, hint: string): Outcome {
  const number = signal !== undefined && signal > 0 ? signal : exitCode - 128
  const name = number === SIGKILL && !signal ? undefined : signalName(number)
  if (name === undefined) return ofOwnEnd(exitCode, hint)
  return {
    status: 'Finished',
    reason: 'Signaled',
    message: `The program ended with exit code ${exitCode}, the exit code of signal ${name}, which the launcher did ` +
      'not send.',
    exitCode
  } satisfies TypedOutcome
}

function ofOwnEnd (exitCode: number, hint: string): Outcome {
  return exited(
    exitCode,
    exitCode === SIGKILL_EXIT_CODE ? KILLED : hint
  )
}

function outOfMemory (job: Job): Outcome {
  return {
    status: 'Killed',
    reason: 'OutOfMemory',
    message: `The program needed more memory than ${memoryLimit(job)} (Kubernetes: OOMKilled).`,
    exitCode: SIGKILL_EXIT_CODE
  } satisfies TypedOutcome
}

function memoryLimit ({ submission }: Job): string {
  const limit = submission.resourceLimits?.find(({ type }) => type === 'memory')?.value
  return limit === undefined ? 'the limit of its container' : `the ${limit} MB of its limit`
}
