// What an evaluation of one job gets, and what it decides.

import type { Intent, Job, Observation, Outcome } from '../../../launcher/plugin.ts'
import type { EventRequest } from '../cache/event-reader.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { EventView, JobView } from '../cache/views.ts'
import type { StartDeadlines } from '../config/config.ts'

/** All inputs of an evaluation. */
export interface Snapshot {
  readonly job: Job
  /** That of the objects of the job. */
  readonly namespace: string
  readonly jobView: JobView | undefined
  /** The launcher saw that the Job was deleted. */
  readonly jobWasDeleted?: boolean | undefined
  /** Every pod of the job that was observed since this launcher started, including pods that are gone. In any order. */
  readonly pods: readonly TrackedPod[]
  /** The views are complete and fresh: a missing object does not exist, and deadlines may be enforced. */
  readonly synced: boolean
  /**
   * The pods were re-listed after this state of the Job was observed, so `pods` has every pod that may run the program.
   */
  readonly relisted: boolean
  /**
   * Output of the job exists, so the program ran, even if no other trace of it survived a crash of the launcher. Only
   * meaningful if `relisted`.
   */
  readonly hasOutput: boolean
  /** Events of the object that an earlier evaluation named in `eventsFor`, the newest last; undefined if none did. */
  readonly events?: readonly EventView[] | undefined
  /** Milliseconds until newer events can be read, if these are older than `eventsFor` requested. */
  readonly newerEventsInMs?: number | undefined
  /** The pod was built for another Pod Security level than that of the namespace now. */
  readonly levelChanged?: boolean | undefined
  /** The core ends the job next if its program has not started: the observation is to say what it waited for. */
  readonly startOverdue?: boolean | undefined
  /** A check found that the namespace was deleted, or is being deleted. */
  readonly namespaceGone?: boolean | undefined
  /** The API server knows no node of the name that the pod was created with. */
  readonly hostMissing?: boolean | undefined
  readonly deadlines: StartDeadlines
  /** The API server's time, like the times of its objects. */
  readonly now: number
  /** Milliseconds since the job was requested to end; Infinity if no request is known. */
  readonly sinceRequestedMs: number
}

/**
 * The caller carries out the action before it reports the observation. If the action fails, the observation is void,
 * and the evaluation is repeated.
 */
export type Action =
  /** Apply `terminatePatch` of this action to the Job: it stops running, and the decision is stored on it. */
  | { readonly kind: 'end', readonly intent?: Intent, readonly outcome?: Outcome }
  /** Delete the pods with these names without a grace period. */
  | { readonly kind: 'deletePods', readonly pods: readonly string[] }
  /**
   * The program has terminated, and other containers of its pod have not: patch as for `end`, once all output is
   * collected. That deletes the pod and the state it shows.
   */
  | { readonly kind: 'endSidecars', readonly outcome: Outcome }

export interface Evaluation {
  readonly observation: Observation
  readonly action?: Action
  /** The object whose events may show why the job waits, or is not ready. */
  readonly eventsFor?: EventRequest
  /** The result depends on a pod without current information: re-list the pods before deciding. */
  readonly needsRelist?: true
}
