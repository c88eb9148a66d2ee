// Decides what is true of one job from what was seen of its Job and its pods, and what must be done about it. Pure and total.

import { isEnded, stopGraceMs, type Intent, type Job, type Observation, type Verdict } from '../../../launcher/plugin.ts'
import { judgeWaiting, type Deadlines } from './deadlines.ts'
import { runningStep, waitingForPod, waitingOf, type Waiting } from './pending-reason.ts'
import { isOver, startOf, terminatedOf, type PodSight } from '../cache/tracked-pod.ts'
import { runsOf } from './first-pod.ts'
import { askedOf, hasStarted, nodeLost, ofVanished, verdictOf } from './outcome.ts'
import { type EventView, type JobView, isLive } from '../cache/views.ts'
import { CONTENT } from '../metadata/names.ts'

/** Everything that is judged. */
export interface Scene {
  readonly job: Job
  readonly jobView: JobView | undefined
  /** Every pod of the job that was seen since this launcher runs, those that are gone included; in any order. */
  readonly pods: readonly PodSight[]
  /** The views are complete and fresh: what is not there does not exist, and the clock may be held against what is. */
  readonly synced: boolean
  /** `findPods` was done since the Job showed this: there is no pod that may run the program but `pods`. */
  readonly certain: boolean
  /** Where that is certain: there is output of the job. A launcher that was killed may have read it, and told of nothing else. */
  readonly wrote: boolean
  /** Events of the object that an earlier sight named in `eventsOf`, the newest last; otherwise none. */
  readonly events: readonly EventView[]
  readonly deadlines: Deadlines
  /** The API server's time, which the times of its objects are of. */
  readonly now: number
  /** Milliseconds since the job was asked to end; Infinity when nobody knows that it was. */
  readonly sinceAsked: number
}

/** To be carried out before the observation is handed on; when that fails, the observation is void and made again. */
export type Act =
  /** Patch the Job with `endPatch` of this act: nothing of it runs any more, and what was decided is kept. */
  | { readonly kind: 'end', readonly intent?: Intent, readonly verdict?: Verdict }
  /** Delete the pods of these names without a grace. */
  | { readonly kind: 'deletePods', readonly pods: readonly string[] }
  /** The program is over and other containers of its pod are not: patch as for `end`, once all output is kept. The pod goes then, and what it showed with it. */
  | { readonly kind: 'endSidecars', readonly verdict: Verdict }

export interface Sight {
  readonly observation: Observation
  readonly act?: Act
  /** uid of the object whose events would say more of why the job waits. */
  readonly eventsOf?: string
  /** All depends on a pod of which nobody has heard, or of whose end nobody has. */
  readonly inDoubt?: true
}

/** How long a node may take to tell that a pod which was deleted has ended, its grace over. */
const NODE_ANSWERS_MS = 30_000
/** How long the news of a pod may come after that of its Job. */
const POD_NEWS_MS = 30_000
/**
 * How long a kill waits for the node, which knows the exit code and the last output, before the pod is removed without
 * it, and a cancel, because a node may keep a pod whose image it cannot pull for as long as any other.
 */
const FORCE_MS = 10_000
/** Waiting that lasts longer than this is looked into. */
const LOOK_INTO_MS = 5000
const LOOK_INTO_AGAIN_MS = 10_000
const AGAIN_MS = 1000
/** How long a Job controller may go on with what it read of a Job that has changed since. */
const STALE_MS = 1000

export function sight (scene: Scene): Sight {
  const { job, jobView, pods } = scene
  const { run, again: secondRun } = runsOf(job, pods)
  if (jobView?.verdict !== undefined) return { observation: ended(jobView.verdict, run) }
  if (jobView === undefined) return withoutJob(scene, run)
  if (jobView.held && pods.length === 0) return { observation: { state: 'unclaimed' } }
  if (run === undefined) return pods.length === 0 ? withoutPod(scene, jobView) : concluded(job, jobView, ofVanished(job, jobView, undefined))
  const verdict = verdictOf(job, jobView, run)
  if (verdict === undefined) return unfinished(scene, jobView, run, secondRun)
  if (run.gone && !isOver(run)) return concluded(job, jobView, verdict, run)
  const observation = ended(verdict, run)
  if (jobView.parallelism === 0 || !isLive(jobView)) return { observation }
  if (secondRun) return { observation, act: { kind: 'end' } }
  return hasSidecars(run) ? { observation, act: { kind: 'endSidecars', verdict } } : { observation }
}

/** The Job is not there. */
function withoutJob ({ job, pods, synced, certain, now }: Scene, run: PodSight | undefined): Sight {
  // A job that no start got through is started again: a start takes up what an earlier one left.
  if (!synced) return { observation: job.handedOver || job.intent !== undefined || pods.length > 0 ? unchanged(job) : { state: 'absent' } }
  if (pods.length === 0 || isEnded(job.status)) return { observation: { state: 'absent' } }
  if (run === undefined) return { observation: ended(ofVanished(job, undefined, undefined)) }
  const overdue = isOverdue(run, now)
  const verdict = verdictOf(job, undefined, run) ?? (overdue && certain ? nodeLost(run, job.intent !== undefined) : undefined)
  if (verdict !== undefined) return { observation: ended(verdict, run) }
  return { observation: active(run, { message: 'Somebody deleted the job in the cluster.' }, AGAIN_MS), ...(overdue && { inDoubt: true }) }
}

/** The Job is there, and no pod of it was ever seen. */
function withoutPod (scene: Scene, jobView: JobView): Sight {
  const { job, synced, certain, wrote, events, now, sinceAsked } = scene
  if (!synced) return { observation: unchanged(job) }
  const { intent } = job
  const finished = jobView.conditions.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
  if (finished !== undefined) {
    const untilNews = (finished.at ?? jobView.createdAt) + POD_NEWS_MS - now
    if (untilNews > 0) return { observation: unchanged(job, untilNews) }
    return certain ? { observation: ended(ofVanished(job, jobView, undefined, wrote)) } : { observation: unchanged(job), inDoubt: true }
  }
  if (intent !== undefined && intent.operation !== jobView.asked && isLive(jobView)) return { observation: unchanged(job), act: { kind: 'end', intent } }
  if (jobView.parallelism === 0 || jobView.deletedAt !== undefined || job.startTime !== undefined) {
    // The Job controller may have made a pod just before, of which the news is still to come.
    if (jobView.active > 0 && isLive(jobView)) return { observation: unchanged(job) }
    const verdict = ofVanished(job, jobView, undefined, wrote)
    if (!certain) {
      // Where pods need no pass, one that is made late can start.
      const left = verdict.status === 'Canceled' && jobView.pass === undefined ? STALE_MS - sinceAsked : 0
      return left > 0 ? { observation: unchanged(job, left) } : { observation: unchanged(job), inDoubt: true }
    }
    return concluded(job, jobView, verdict)
  }
  return waited(scene, jobView, undefined, waitingForPod(events))
}

/** The run's pod is there and its program has not ended. */
function unfinished (scene: Scene, jobView: JobView, run: PodSight, secondRun: boolean): Sight {
  const { job, synced, certain, events, now, sinceAsked } = scene
  const { intent } = job
  const started = hasStarted(job, run)
  const asked = askedOf(job, jobView, run)
  const overdue = synced && isOverdue(run, now)
  if (overdue && (asked === undefined || asked === 'stop')) {
    // The news of its end may hang in a watch that is half-open.
    if (!certain) return { observation: active(run, { message: undefined }, AGAIN_MS), inDoubt: true }
    return concluded(job, jobView, nodeLost(run, asked !== undefined), run)
  }
  if (isLive(jobView)) {
    const unheard = intent !== undefined && intent.operation !== jobView.asked && !(intent.operation === 'cancel' && started)
    if (unheard) return { observation: active(run, { message: undefined }, AGAIN_MS), act: { kind: 'end', intent } }
    if (jobView.parallelism !== 0 && (secondRun || (run.struck && asked === undefined))) {
      return { observation: active(run, deletedByOthers(run), AGAIN_MS), act: { kind: 'end' } }
    }
  }
  const canceled = asked === 'cancel' && !started
  if (asked === 'kill' || canceled) {
    const left = FORCE_MS - sinceAsked
    const observation = active(run, { message: canceled ? 'The job is being canceled.' : undefined }, Math.max(left, AGAIN_MS))
    return left <= 0 ? { observation, act: { kind: 'deletePods', pods: [run.name] } } : { observation }
  }
  if (asked !== undefined || run.struck) {
    return { observation: active(run, asked === undefined ? deletedByOthers(run) : { message: undefined }, untilOverdue(run, now, job)) }
  }
  if (started) return { observation: active(run, { message: undefined }) }
  return waited(scene, jobView, run, waitingOf(run, job.submission, events, jobView.pass))
}

function waited ({ deadlines, synced, now }: Scene, jobView: JobView, pod: PodSight | undefined, waiting: Waiting): Sight {
  const judged = synced ? judgeWaiting(waiting, { takenAt: jobView.createdAt, pod, deadlines, now }) : { again: AGAIN_MS }
  if ('verdict' in judged) return { observation: ended(judged.verdict, pod), act: { kind: 'end', verdict: judged.verdict } }
  const { reason, message, deadline } = waiting
  // A pod without a node, or with a step that runs or a container that its node refuses, says itself why it waits.
  const silent = pod === undefined ? jobView : pod.node !== undefined && deadline === undefined && runningStep(pod) === undefined ? pod : undefined
  const untilLook = silent === undefined ? Infinity : silent.createdAt + LOOK_INTO_MS - now
  const again = Math.min(judged.again, untilLook > 0 ? untilLook : LOOK_INTO_AGAIN_MS)
  return {
    observation: { state: 'pending', message, again, ...(reason !== undefined && { reason }) },
    ...(silent !== undefined && untilLook <= 0 && { eventsOf: silent.uid })
  }
}

/** A verdict that no pod shows: what may still run is ended, and what nobody asked for stands on the Job, whatever is seen later. */
function concluded (job: Job, jobView: JobView, verdict: Verdict, run?: PodSight): Sight {
  const { intent } = job
  const observation = ended(verdict, run)
  const live = isLive(jobView)
  // A node that answers after all would say something else.
  if (verdict.reason === 'NodeLost' || (live && askedOf(job, jobView, run) === undefined)) return { observation, act: { kind: 'end', verdict } }
  return jobView.parallelism === 0 || !live ? { observation } : { observation, act: { kind: 'end', ...(intent && { intent }) } }
}

function active (run: PodSight, { message }: { message: string | undefined }, again?: number): Observation {
  const rest = { ...(message !== undefined && { message }), ...(again !== undefined && { again }) }
  const startTime = startOf(run)
  if (startTime === undefined) return { state: 'pending', ...rest }
  return { state: 'running', startTime, ...(run.node !== undefined && { host: run.node }), ...rest }
}

/** Nothing new is known. */
function unchanged ({ status, startTime, submissionTime, reason, message }: Job, again: number = AGAIN_MS): Observation {
  const rest = { again, ...(message !== undefined && { message }) }
  if (status !== 'Pending') return { state: 'running', startTime: startTime ?? submissionTime, ...rest }
  return { state: 'pending', ...(reason !== undefined && { reason }), ...rest }
}

function ended (verdict: Verdict, run?: PodSight): Observation {
  const startTime = run && startOf(run)
  const endTime = run && terminatedOf(run)?.finishedAt
  return { state: 'ended', verdict, ...(startTime !== undefined && { startTime }), ...(endTime !== undefined && { endTime }) }
}

/** One that never starts, because its image cannot be pulled, keeps the pod as much as one that never ends. */
function hasSidecars ({ gone, phase, containers }: PodSight): boolean {
  return !gone && phase !== 'Succeeded' && phase !== 'Failed' && containers.some(({ name, terminated }) => name !== CONTENT && terminated === undefined)
}

function isOverdue ({ deletedAt }: PodSight, now: number): boolean {
  return deletedAt !== undefined && deletedAt + NODE_ANSWERS_MS <= now
}

function untilOverdue ({ deletedAt }: PodSight, now: number, job: Job): number {
  const due = (deletedAt ?? now + stopGraceMs(job)) + NODE_ANSWERS_MS
  return Math.max(due - now, AGAIN_MS)
}

function deletedByOthers ({ struck }: PodSight): { message: string } {
  return { message: struck ? 'Somebody is deleting the job in the cluster; it is not run again.' : 'The cluster made a second pod for the job; it is ended, because a job runs once.' }
}
