// Decides how a job ended from the pod that ran it, its Job and what was asked of it. Pure and total.

import { constants } from 'node:os'
import { stopGraceMs, type Job, type Reason, type Outcome } from '../../../launcher/plugin.ts'
import { failedWith, ofDisruption, ofEviction, ofFailedPod } from './failed-pod.ts'
import { startOf, terminatedOf, type TrackedPod, type Terminated } from '../cache/tracked-pod.ts'
import { quoted } from '../client/server-message.ts'
import { type JobView, isTrue } from '../cache/views.ts'

const { SIGKILL } = constants.signals
const KILLED = 128 + SIGKILL
/** Exit code that containerd gives a container which it lost, as when its node was restarted. */
const LOST_CONTAINER = 255
/** Times have whole seconds. */
const CLOCK_MS = 1000

/** Undefined while the pod is there and its program may still run. */
export function outcomeOf (job: Job, jobView: JobView | undefined, pod: TrackedPod): Outcome | undefined {
  const requested = requestedOperationOf(job, jobView, pod)
  const terminated = terminatedOf(pod)
  if (terminated !== undefined) return ofProgram(job, requested, pod, terminated)
  if (pod.phase === 'Succeeded') return exited(0)
  if (pod.phase === 'Failed') return pod.deletedWhileRunning ? ofDeletedPod(job, jobView, pod) : ofFailedPod(pod)
  return pod.gone ? ofVanishedPod(job, jobView, pod) : undefined
}

/**
 * What a job became whose pod is no longer there, or never was, and whose program was not seen to end. `wrote`: output
 * of it is kept.
 */
export function ofVanishedPod (
  job: Job,
  jobView: JobView | undefined,
  pod: TrackedPod | undefined,
  hasOutput = false
): Outcome {
  const requested = requestedOperationOf(job, jobView, pod)
  const started = hasOutput || hasStarted(job, pod)
  if (requested === 'kill' || (requested === 'cancel' && started)) return killed()
  if (requested === 'cancel') return canceled()
  if (requested === 'stop') {
    if (pod !== undefined && outlastedGrace(job, pod)) return graceExceeded(job)
    return {
      status: 'Finished',
      reason: 'Stopped',
      message: 'The job was stopped on request; its pod was gone before its exit code could be read.'
    } satisfies TypedOutcome
  }
  if (jobView !== undefined && (jobView.succeeded > 0 || isTrue(jobView.conditions, 'Complete'))) return exited(0)
  const disrupted = pod && ofDisruption(pod.conditions)
  if (disrupted !== undefined) return disrupted
  const failed = jobView?.conditions.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (failed?.reason === 'DeadlineExceeded') {
    return failedWith(
      'Evicted',
      `The cluster ended the job because it ran longer than the cluster allows${quoted('Kubernetes', failed.message)}.`
    )
  }
  if (failed !== undefined || (jobView?.failed ?? 0) > 0) {
    return {
      status: 'Failed',
      reason: 'Lost',
      message: 'The program failed, and its pod was gone before its exit code could be read.'
    } satisfies TypedOutcome
  }
  return deletedExternally(started)
}

/** The node does not answer, so that nobody knows what became of the program. */
export function nodeLost (pod: TrackedPod, requested: boolean): Outcome {
  const node = pod.node === undefined ? 'The node of the job' : `The node ${pod.node}`
  return failedWith(
    'NodeLost',
    `${node} does not ` +
    `answer${requested
? ', so nobody can tell how the job ended that was asked to end'
: '; how the program ended ' +
      'is unknown'}.`
  )
}

/** Somebody deleted the pod, or the Job, who is not the launcher. */
export function deletedExternally (started: boolean): Outcome {
  const when = started ? 'while its program ran' : 'before its program started'
  return failedWith('DeletedExternally', `Somebody deleted the job in the cluster ${when}; it is not run again.`)
}

/** A pod that may not start, because another of the job has or somebody deleted what it starts with. */
export function replaced (): Outcome {
  return failedWith(
    'DeletedExternally',
    'Somebody deleted the pod of the job in the cluster, or the gate that it starts with; the pod in its place is ' +
    'not run.'
  )
}

/** Whether the program ever ran, as far as anybody saw. */
export function hasStarted (job: Job, pod: TrackedPod | undefined): boolean {
  return job.startTime !== undefined || (pod !== undefined && startOf(pod) !== undefined)
}

export function canceled (): Outcome {
  return {
    status: 'Canceled',
    reason: 'CanceledOnRequest',
    message: 'The job was canceled before it started.'
  } satisfies TypedOutcome
}

/** What was asked of the job and is, or will be, carried out: a cancel that came after the start is not. */
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

/** The deletion came before the program's end, and left no exit code. */
function ofDeletedPod (job: Job, jobView: JobView | undefined, pod: TrackedPod): Outcome {
  if (requestedOperationOf(job, jobView, pod) !== undefined) return ofVanishedPod(job, jobView, pod)
  return ofEviction(pod) ?? ofDisruption(pod.conditions) ?? deletedExternally(hasStarted(job, pod))
}

type TypedOutcome = Outcome & { reason: Reason }

function ofProgram (
  job: Job,
  requested: JobView['requestedOperation'],
  pod: TrackedPod,
  terminated: Terminated
): Outcome {
  const { exitCode, reason } = terminated
  const neverRan = startFailure(job, terminated)
  if (neverRan !== undefined) return requested === 'cancel' ? canceled() : neverRan
  if (pod.deletedWhileRunning && requested !== undefined) return ofRequested(job, requested, pod, terminated)
  const disrupted = ofDisruption(pod.conditions, terminated.finishedAt)
  if (disrupted !== undefined) return { ...disrupted, exitCode }
  const evicted = ofEviction(pod)
  if (evicted !== undefined) return { ...evicted, exitCode }
  if (pod.deletedWhileRunning) {
    return hasStarted(job, pod) ? { ...deletedExternally(true), exitCode } : deletedExternally(false)
  }
  if (reason === 'OOMKilled' && exitCode !== 0) return outOfMemory(job, exitCode)
  if (reason === 'ContainerStatusUnknown' || (reason === 'Unknown' && exitCode === LOST_CONTAINER)) {
    return failedWith(
      'NodeLost',
      `The node ${pod.node ?? 'of the job'} lost the container, as after a restart; how the program ended is unknown.`
    )
  }
  return ended(terminated)
}

/** The deletion that the launcher asked for came while the program ran. */
function ofRequested (
  job: Job,
  requested: 'stop' | 'kill' | 'cancel',
  pod: TrackedPod,
  { exitCode, finishedAt }: Terminated
): Outcome {
  const { deletedAt } = pod
  if (requested === 'cancel' && !hasStarted(job, pod)) return canceled()
  if (requested !== 'stop') return killed()
  if (
    exitCode === KILLED &&
    finishedAt !== undefined &&
    deletedAt !== undefined &&
    finishedAt >= deletedAt - CLOCK_MS
  ) {
    return graceExceeded(job)
  }
  return {
    status: 'Finished',
    reason: 'Stopped',
    message: `The job was stopped on request and ended with exit code ${exitCode}.`,
    exitCode
  } satisfies TypedOutcome
}

/**
 * Whether the node found the pod not ready any more only when the grace of its deletion was over; all that is left when
 * its container is gone.
 */
function outlastedGrace (job: Job, { deletedAt, deletionGraceMs = 0, conditions }: TrackedPod): boolean {
  const ended = conditions.find(({ type, status }) => type === 'Ready' && status === 'False')?.at
  return ended !== undefined && deletedAt !== undefined && ended >= deletedAt - deletionGraceMs + stopGraceMs(job)
}

function graceExceeded (job: Job): Outcome {
  return {
    status: 'Killed',
    reason: 'StopGraceExceeded',
    message: `The job was asked to stop, did not end within ${stopGraceMs(job) / 1000} s, and was killed.`,
    exitCode: KILLED
  } satisfies TypedOutcome
}

/**
 * Kubernetes gives exit codes only: those that a shell gives for a signal are told as such. SIGKILL's says too little.
 */
function ended ({ exitCode, signal }: Terminated): Outcome {
  const number = signal !== undefined && signal > 0 ? signal : exitCode - 128
  const name = number === SIGKILL && !signal ? undefined : signalName(number)
  if (name === undefined) return exited(exitCode)
  return {
    status: 'Finished',
    reason: 'Signaled',
    message: `The program ended with exit code ${exitCode}, which is that of the signal ${name}; the launcher did ` +
      'not send it.',
    exitCode
  } satisfies TypedOutcome
}

function exited (exitCode: number): Outcome {
  const hint = exitCode === KILLED ? ', as a program does that was killed, such as on a node without free memory' : ''
  return {
    status: 'Finished',
    reason: 'Exited',
    message: `The program ended with exit code ${exitCode}${hint}.`,
    exitCode
  } satisfies TypedOutcome
}

function outOfMemory ({ submission }: Job, exitCode: number): Outcome {
  const limit = submission.resourceLimits?.find(({ type }) => type === 'memory')?.value
  return {
    status: exitCode === KILLED ? 'Killed' : 'Finished',
    reason: 'OutOfMemory',
    message: 'The program needed more memory than ' +
      `${limit === undefined ? 'the limit of its container' : `the ${limit} MB of its limit`} (Kubernetes: OOMKilled).`,
    exitCode
  } satisfies TypedOutcome
}

/** The runtime of the node could not start the program. */
function startFailure ({ submission }: Job, { reason, message = '' }: Terminated): Outcome | undefined {
  if (reason !== 'StartError' && reason !== 'ContainerCannotRun' && reason !== 'RunContainerError') return undefined
  const node = quoted('the node', message)
  if (submission.workingDirectory !== undefined && /\b(chdir|cwd)\b/.test(message)) {
    return failedWith(
      'WorkingDirectoryNotFound',
      `The working directory ${submission.workingDirectory} does not exist in the container, or cannot be ` +
      `entered${node}.`
    )
  }
  if (/executable file not found|no such file or directory|permission denied|exec format error/.test(message)) {
    const program = submission.exe !== undefined && submission.stdin === undefined ? submission.exe : '/bin/sh'
    return failedWith(
      'ExecutableNotFound',
      `The program ${program} does not exist in the image, or cannot be executed${node}.`
    )
  }
  return failedWith('StartFailed', `The node could not start the program${node}.`)
}

/** SIGKILL's exit code also where the pod was gone before it could be read. */
function killed (): Outcome {
  return {
    status: 'Killed',
    reason: 'KilledOnRequest',
    message: 'The job was killed on request.',
    exitCode: KILLED
  } satisfies TypedOutcome
}

function signalName (number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}
