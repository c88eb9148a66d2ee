// Finds why the cluster deleted the pod of a job, from what the launcher has observed of its Job and its pods. Pure and
// total.

import type { Job, Outcome, Reason } from '../../../launcher/plugin.ts'
import { startOf, type TrackedPod } from '../cache/tracked-pod.ts'
import { failureOf, type DeadlineView, type JobView } from '../cache/views.ts'
import { quoted } from '../client/server-message.ts'
import { disruptionUnderWay } from './disruption.ts'
import { isCopyOf } from './first-pod.ts'
import { waitingOf } from './pending-reason.ts'
import { suspendedText } from './suspended-job.ts'
import { namedNode } from './unseen-host.ts'

export interface Deleted {
  readonly job: Job
  readonly namespace: string
  readonly jobView: JobView | undefined
  readonly firstPod: TrackedPod | undefined
  readonly pods: readonly TrackedPod[]
  /** Output of the job exists, so its program ran. */
  readonly hasOutput: boolean
  /** The namespace was deleted, or is being deleted. */
  readonly namespaceGone?: boolean | undefined
}

/** Tolerance, because times have whole seconds. */
const CLOCK_TOLERANCE_MS = 1000

/** Replaces reason and message of an outcome that only says that the pod was deleted, if the cause is known. */
export function withCause (outcome: Outcome, deleted: Deleted): Outcome {
  const cause =
    outcome.reason === 'DeletedExternally'
      ? exceededDeadline(deleted) ?? copied(deleted) ?? deletedByOthers(deleted)
      : outcome.reason === 'NodeLost' ? withoutHost(deleted) : undefined
  return cause === undefined ? outcome : { ...outcome, ...cause }
}

type Cause = { readonly reason: Reason, readonly message: string }

/** Says why the pod of a job is being deleted, which was not requested. */
export function beingDeleted (deleted: Deleted): string {
  const { firstPod, jobView } = deleted
  const disruption = disruptionUnderWay(firstPod?.conditions ?? [])
  if (disruption !== undefined) return disruption
  if (exceededDeadline(deleted) !== undefined) {
    const because = becauseOfDeadline(jobView?.deadline, waitedFor(deleted.job, firstPod, jobView) !== undefined)
    return `The cluster is ending the job, ${because}; it is not run again.`
  }
  const suspended = suspension(deleted)
  if (suspended !== undefined) return `${suspended}, so its pod is being deleted; it is not run again.`
  if (deleted.namespaceGone === true) {
    return `The namespace ${deleted.namespace} is being deleted, and the job with it; it is not run again.`
  }
  return `Another user or controller is deleting ${whatIsDeleted(deleted)} in the cluster; it is not run again.`
}

/** The Job controller does not always note the deadline: a launcher that sees the deletion first ends the Job. */
function exceededDeadline ({ job, jobView, firstPod }: Deleted): Cause | undefined {
  const waited = waitedFor(job, firstPod, jobView)
  const { deadline, startedAt } = jobView ?? {}
  const failed = jobView && failureOf(jobView)
  if (failed?.reason === 'DeadlineExceeded') return deadlineExceeded(deadline, failed.message, waited)
  if (deadline === undefined || startedAt === undefined || firstPod?.deletedAt === undefined) return undefined
  const deletedAt = firstPod.deletedAt - (firstPod.deletionGraceMs ?? 0)
  return deletedAt < startedAt + deadline.activeMs - CLOCK_TOLERANCE_MS
    ? undefined
    : deadlineExceeded(deadline, undefined, waited)
}

/** Returns what the job waited for, which is empty if that is unknown. Undefined if its program has started. */
export function waitedFor (
  job: Job, pod: TrackedPod | undefined, jobView: JobView | undefined
): string | undefined {
  if (job.startTime !== undefined || (pod !== undefined && startOf(pod) !== undefined)) return undefined
  return pod === undefined ? job.message ?? '' : waitingOf(pod, job.submission, [], jobView).message
}

/** `waited`: what the job waited for, if its program never started. */
export function deadlineExceeded (deadline?: DeadlineView, words?: string, waited?: string): Cause {
  const because = becauseOfDeadline(deadline, waited !== undefined)
  const end = `The cluster ended the job, ${because}${quoted('Kubernetes', words)}.`
  return { reason: 'DeadlineExceeded', message: `${end} ${waited ?? ''}`.trimEnd() }
}

function becauseOfDeadline (deadline: DeadlineView | undefined, waited: boolean): string {
  const seconds = deadline === undefined ? '' : ` of ${deadline.activeMs / 1000} s`
  const what = waited ? 'did not start within' : 'ran longer than'
  const whose = deadline?.setBy === undefined
    ? 'of its base manifest or of a webhook'
    : `that another client (${deadline.setBy}) set in the cluster`
  return `because it ${what} the activeDeadlineSeconds${seconds} ${whose}`
}

/** The Job controller deletes the pod that is too much, be it the first. A copy that was deleted before is no cause. */
function copied ({ firstPod, pods }: Deleted): Cause | undefined {
  const copy = firstPod && pods.find(pod => isCopyOf(firstPod, pod) && !wasDeletedBefore(pod, firstPod))
  if (copy === undefined) return undefined
  return {
    reason: 'PodCopied',
    message: `Another client (${copy.createdBy}) created the pod ${copy.name} as a second pod of the job, and the ` +
      'Job controller deleted the pod of the job.'
  }
}

function wasDeletedBefore (pod: TrackedPod, other: TrackedPod): boolean {
  const [at, otherAt] = [pod, other]
    .map(({ deletedAt, deletionGraceMs = 0 }) => deletedAt && deletedAt - deletionGraceMs)
  return at === undefined || otherAt === undefined ? at !== undefined || pod.gone : at < otherAt
}

function deletedByOthers (deleted: Deleted): Cause {
  const started = deleted.hasOutput || waitedFor(deleted.job, deleted.firstPod, deleted.jobView) === undefined
  const when = started ? 'while its program ran' : 'before its program started'
  const suspended = suspension(deleted)
  const facts = suspended === undefined
    ? [`Another user or controller deleted ${whatIsDeleted(deleted)} in the cluster ${when}`]
    : [`${suspended} ${when}, so its pod was deleted`]
  facts.push('it is not run again')
  if (suspended === undefined) {
    facts.push(...[ownerThatWasDeleted(deleted), changeBefore(deleted)].filter(fact => fact !== undefined))
  }
  return { reason: 'DeletedExternally', message: `${facts.join('; ')}.` }
}

/** Names the deletion of a pod whose Job stays. */
function whatIsDeleted (deleted: Deleted): string {
  return ownerThatWasDeleted(deleted) === undefined ? 'the pod of the job' : 'the job'
}

/**
 * The Job controller deletes the pod of a Job that is suspended, or scaled to 0. Undefined if the deletion has another
 * cause.
 */
function suspension (deleted: Deleted): string | undefined {
  const { suspended, suspendedBy, scaledDownBy } = deleted.jobView ?? {}
  if (ownerThatWasDeleted(deleted) !== undefined) return undefined
  if (suspended === true) return suspendedText(suspendedBy)
  return scaledDownBy === undefined
    ? undefined
    : `Another client (${scaledDownBy}) scaled the job to 0 in the cluster (spec.parallelism of its Job)`
}

/** The cluster deletes a pod with its Job, and both with their namespace. */
function ownerThatWasDeleted ({ namespace, namespaceGone, jobView }: Deleted): string | undefined {
  if (namespaceGone === true) return `its namespace ${namespace} was deleted`
  return jobView === undefined || jobView.deletedAt !== undefined ? 'its Job was deleted' : undefined
}

/** Names the client that changed the Job or the pod before, if the cluster shows it. */
function changeBefore ({ jobView, firstPod }: Deleted): string | undefined {
  const client = jobView?.changedBy ?? firstPod?.changedBy
  return client && `${client} changed its ${jobView?.changedBy === undefined ? 'pod' : 'Job'} before`
}

/**
 * The cluster removes a pod whose node is missing. A pod that was created with its node is scheduled once that node has
 * seen it.
 */
function withoutHost ({ job, firstPod }: Deleted): Cause | undefined {
  if (firstPod?.node === undefined || job.startTime !== undefined || startOf(firstPod) !== undefined) return undefined
  const { conditions } = firstPod
  const collected = conditions.find(({ type, reason }) => type === 'DisruptionTarget' && reason === 'DeletionByPodGC')
  if (collected === undefined || conditions.some(({ type }) => type === 'PodScheduled')) return undefined
  return {
    reason: 'HostNotFound',
    message: `${namedNode(firstPod, job.submission)} does not exist${quoted('Kubernetes', collected.message)}.`
  }
}
