// Observes one job: evaluates its cached state, carries out the resulting action, and waits until its output is
// collected.

import type { MonotonicAge } from '../../../launcher/lib/monotonic-age.ts'
import { outputLimitExceeded, SIGKILL_EXIT_CODE } from '../../../launcher/plugin-kit/outcomes.ts'
import { outputLimitOf } from '../../../launcher/plugin-kit/output-limit.ts'
import { truncated, type Job, type Observation, type ObserveOptions } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import type { StartDeadlines } from '../config/config.ts'
import { deletePods, recordTruncation, terminateJob, type TerminateDependencies } from './terminate.ts'
import type { EventReader } from '../cache/event-reader.ts'
import type { HostLookup } from './host-lookup.ts'
import { findRelabelled } from './find-relabelled.ts'
import { relistPods, type RelistDependencies } from './relist-pods.ts'
import { outputOf, type JobOutputDependencies } from './job-output.ts'
import type { NamespaceHealth } from './namespace-health.ts'
import { rereadJob } from './reread-job.ts'
import type { EventView, JobView } from '../cache/views.ts'
import { isViolation } from '../state/admission-refusal.ts'
import { firstPodOf } from '../state/first-pod.ts'
import { evaluate } from '../state/evaluate.ts'
import { withLostSight } from '../state/lost-sight.ts'
import type { Truncation } from '../metadata/annotations.ts'
import { FAILED_CREATE, isFailedCreate } from '../state/pending-reason.ts'
import type { Action, Snapshot } from '../state/snapshot.ts'
import { isUnseenByHost } from '../state/unseen-host.ts'

export interface ObserveDependencies extends TerminateDependencies, RelistDependencies, JobOutputDependencies {
  readonly cache: ClusterCache
  readonly eventReader: EventReader
  readonly namespaceHealth: Pick<NamespaceHealth, 'check' | 'refresh' | 'isGone'>
  readonly deadlines: StartDeadlines
  /** Resolves with the words with which the API server refuses the pod of the job now, if it does. */
  readonly podRefusal: (job: Job) => Promise<string | undefined>
  readonly hostIsMissing: HostLookup
  /** Whether the pods of jobs are built for another Pod Security level than at this time of the API server. */
  readonly levelChangedSince: (time: number) => Promise<boolean>
  /** The API server's time, the clock of the times in its objects. */
  readonly now: () => number
  readonly age: MonotonicAge
}

/** Requeue interval while the last output is collected, in case the notification of its end is lost. */
const OUTPUT_REQUEUE_MS = 5000
const READING = 'The program has ended. The launcher reads the rest of its output from the log of the node.'
/** The creation time of an object has whole seconds. */
const WHOLE_SECOND_MS = 1000

/** Rejects if an action fails; then nothing is decided. */
export async function observe (
  job: Job, dependencies: ObserveDependencies, { startOverdue = false }: ObserveOptions = {}
): Promise<Observation> {
  const { cache, eventReader, namespaceHealth } = dependencies
  if (cache.fresh() && isBeingDeleted()) await namespaceHealth.refresh()
  const namespaceGone = namespaceHealth.isGone()
  // The launcher's rights are deleted with the namespace, and what the watches have shown is all there is.
  if (!namespaceGone) {
    await findRelabelled(job, dependencies)
    await rereadJob(job.id, dependencies)
  }
  const hostMissing = await isHostMissing()
  const output = outputOf(job, cache.jobOf(job.id), dependencies)
  let evaluation = evaluateNow()
  if (evaluation.eventsFor !== undefined) {
    const { events: read, newerInMs } = await eventReader.of(evaluation.eventsFor)
    const events = evaluation.eventsFor.urgent === true ? await withRefusal(read) : read
    evaluation = evaluateNow({ events, newerEventsInMs: newerInMs, levelChanged: await isForFormerLevel(events) })
  }
  let relisted = {}
  if (evaluation.needsRelist === true) {
    if (!namespaceGone) await relistPods(job.id, dependencies)
    relisted = { relisted: true, hasOutput: await output.hasAny() }
    evaluation = evaluateNow(relisted)
  }
  if (!namespaceGone && hasVanished(evaluation.observation)) {
    await namespaceHealth.check()
    if (namespaceHealth.isGone()) evaluation = evaluateNow(relisted)
  }
  const { observation, action } = evaluation
  if (action !== undefined && action.kind !== 'endSidecars') await carryOut(action)
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  const ended = observation.state === 'ended'
  const limitMb = outputLimitOf(job.submission)
  const collected = output.collect(firstPod, ended, limitMb)
  if (!ended && limitMb !== undefined && job.intent === undefined && output.isOverLimit()) {
    await carryOut({ kind: 'end', outcome: outputLimitExceeded(limitMb, SIGKILL_EXIT_CODE) })
    await deletePods(firstPod === undefined ? [] : [firstPod.name], 'shortest', dependencies)
    return await withTruncation(evaluateNow().observation)
  }
  if (!ended) return await withTruncation(withLostSight(observation, cache.lastError(), dependencies.namespace))
  if (!collected) {
    // A message costs a write. Most jobs are collected at once.
    const isLate = dependencies.now() - (observation.endTime ?? Infinity) >= OUTPUT_REQUEUE_MS
    return await withTruncation({
      state: 'running',
      startTime: observation.startTime ?? job.startTime ?? job.submissionTime,
      ...(isLate && { message: READING }),
      requeueAfterMs: OUTPUT_REQUEUE_MS
    })
  }
  if (action?.kind === 'endSidecars') await carryOut(action)
  return await withTruncation(observation)

  function isBeingDeleted (): boolean {
    if (!job.submittedToBackend) return false
    const jobView = cache.jobOf(job.id)
    return jobView === undefined || [jobView, ...cache.podsOf(job.id)].some(({ deletedAt }) => deletedAt !== undefined)
  }

  async function isHostMissing (): Promise<boolean> {
    const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
    const isUnseen = firstPod !== undefined && cache.fresh() && isUnseenByHost(firstPod)
    return isUnseen && await dependencies.hostIsMissing(firstPod.node!)
  }

  /** Only a job that runs or has ended can have output. */
  async function withTruncation (observation: Observation): Promise<Observation> {
    if (observation.state !== 'running' && observation.state !== 'ended') return observation
    const jobView = cache.jobOf(job.id)
    const recorded = recordedTruncation(jobView, observation)
    const truncation = recorded ?? await output.truncation(observation)
    if (truncation === undefined) return observation
    const isFinal = observation.state === 'ended' || truncation.reason !== 'OutputLimitExceeded'
    if (jobView !== undefined && isFinal && recorded === undefined && !namespaceHealth.isGone()) {
      // The database has it, too.
      await recordTruncation(job.id, truncation, dependencies).catch(() => {})
    }
    return { ...observation, outputTruncated: truncated(truncation.reason, truncation.offset) }
  }

  /** Adds what the Job controller has not written yet. */
  async function withRefusal (events: readonly EventView[]): Promise<readonly EventView[]> {
    if (cache.podsOf(job.id).length > 0 || events.some(isFailedCreate)) return events
    const message = await dependencies.podRefusal(job)
    return message === undefined ? events : [...events, { reason: FAILED_CREATE, message }]
  }

  async function isForFormerLevel (events: readonly EventView[]): Promise<boolean> {
    const { createdAt } = cache.jobOf(job.id) ?? {}
    if (createdAt === undefined || !events.some(({ message }) => isViolation(message))) return false
    return await dependencies.levelChangedSince(createdAt + WHOLE_SECOND_MS)
  }

  function evaluateNow ({
    events,
    newerEventsInMs,
    levelChanged = false,
    relisted = false,
    hasOutput = false
  }: Partial<Pick<Snapshot, 'events' | 'newerEventsInMs' | 'levelChanged' | 'relisted' | 'hasOutput'>> = {}) {
    // The watches of a launcher that has lost its rights with the namespace do not show what was deleted. One that has
    // never seen the jobs may be in the wrong place.
    const isUnseen = namespaceHealth.isGone() && cache.complete() && !cache.fresh()
    const jobView = isUnseen ? undefined : cache.jobOf(job.id)
    const pods = cache.podsOf(job.id)
    const requestedAt = job.intent?.at ?? jobView?.requestedAt
    return evaluate({
      job,
      namespace: dependencies.namespace,
      jobView,
      jobWasDeleted: isUnseen || cache.wasDeleted(job.id),
      pods: isUnseen ? pods.map(pod => ({ ...pod, gone: true })) : pods,
      synced: isUnseen || cache.fresh(),
      relisted: isUnseen || relisted,
      hasOutput,
      events,
      newerEventsInMs,
      levelChanged,
      namespaceGone: namespaceHealth.isGone(),
      startOverdue,
      hostMissing,
      deadlines: dependencies.deadlines,
      now: dependencies.now(),
      sinceRequestedMs: requestedAt === undefined ? Infinity : dependencies.age.since(job.id, requestedAt)
    })
  }

  async function carryOut (action: Action): Promise<void> {
    if (action.kind === 'deletePods') await deletePods(action.pods, 'none', dependencies)
    else await terminateJob(job.id, action, dependencies)
  }
}

/** What the Job says about missing output, with the outcome that it may have, too. */
export function recordedTruncation (
  jobView: JobView | undefined, observation: Observation
): Truncation | undefined {
  const isOver = observation.state === 'ended' && observation.outcome.reason === 'OutputLimitExceeded'
  return jobView?.outputTruncated ?? (isOver ? { reason: 'OutputLimitExceeded' } : undefined)
}

/** Whether the job ended as all jobs do if their namespace is deleted. */
function hasVanished (observation: Observation): boolean {
  if (observation.state !== 'ended') return false
  const { reason } = observation.outcome
  return reason === 'DeletedExternally' || reason === 'Lost'
}
