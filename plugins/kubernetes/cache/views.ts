// The views of Jobs, Pods and Events: the few fields that the plugin needs for its decisions. All other fields are
// dropped at once.

import type { JobAnnotations } from '../metadata/annotations.ts'

/** A view of an object of one job. Times are milliseconds since 1970. */
interface ObjectView {
  readonly uid: string
  readonly name: string
  readonly resourceVersion: string
  /** Id of the job, from the name of its Job. */
  readonly jobId: string
  readonly createdAt: number
  /** When its grace period ends, if it has one: the time of the deletion plus the grace. The object still exists. */
  readonly deletedAt?: number
}

/** A view of a `batch/v1` Job of this instance. */
export interface JobView extends ObjectView, JobAnnotations {
  /**
   * 0 while the Job is paused and after it was terminated: the Job controller then deletes its pod and creates no
   * other.
   */
  readonly parallelism: number
  /** The client other than the launcher that set `parallelism` to 0. */
  readonly scaledDownBy?: string
  readonly active: number
  readonly succeeded: number
  readonly failed: number
  readonly conditions: readonly ConditionView[]
  /** When the Job controller started it. */
  readonly startedAt?: number
  readonly deadline?: DeadlineView
  /** A rule of its `podFailurePolicy`, which another client added, has the Job controller replace a failed pod. */
  readonly ignoresFailures?: true
  /** `spec.suspend`, which the launcher never sets: the Job controller deletes the pod and creates no other. */
  readonly suspended?: true
  /** The client that suspended it. Undefined if it did so as the Job was created, such as a webhook. */
  readonly suspendedBy?: string
  /** The names in `schedulingGates` of its template, which its pod is created with. */
  readonly templateGates?: readonly string[]
  /** The client other than the launcher and the controllers that changed the Job last, as the cluster calls it. */
  readonly changedBy?: string
}

/** A view of a `v1` Pod of this instance. */
export interface PodView extends ObjectView {
  readonly namespace: string
  /** uid of the Job that controls it, or did so before its deletion left the pod. */
  readonly jobUid: string
  /** The client that created the pod, as the cluster calls it; the same for all pods of the Job controller. */
  readonly createdBy?: string
  /** Another client that changed the pod last, except for its status. */
  readonly changedBy?: string
  /** Grace period of the deletion in milliseconds: `metadata.deletionGracePeriodSeconds`. */
  readonly deletionGraceMs?: number
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  /** Evicted, NodeLost, OutOfcpu …, as the node or the scheduler set it on the pod. */
  readonly reason?: string
  readonly message?: string
  readonly node?: string
  /** `spec.schedulerName`. */
  readonly scheduler?: string
  /** The names in `spec.schedulingGates`: the scheduler ignores the pod until other clients have removed them. */
  readonly schedulingGates?: readonly string[]
  /** The names in `spec.imagePullSecrets`, those of the service account included. */
  readonly pullSecrets?: readonly string[]
  /** The names of the persistent volume claims that it mounts. */
  readonly claims?: readonly string[]
  readonly address?: string
  readonly hostAddress?: string
  readonly startedAt?: number
  readonly deadline?: DeadlineView
  readonly conditions: readonly ConditionView[]
  readonly initContainers: readonly ContainerView[]
  /** The job's own container is the one named CONTENT. */
  readonly containers: readonly ContainerView[]
}

/** `spec.activeDeadlineSeconds` of a Job, or of a pod. */
export interface DeadlineView {
  readonly activeMs: number
  /** The client that set it. Undefined if it was set as the object was created: by a base manifest or a webhook. */
  readonly setBy?: string
}

export interface ConditionView {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly at?: number
}

export interface ContainerView {
  readonly name: string
  /** Set for an init container that restarts always: it does not prepare the job, but runs beside its program. */
  readonly sidecar?: {
    /** Kubernetes starts the next container only then. */
    readonly started: boolean
    /** Of its last run that ended, if any did. */
    readonly lastExitCode?: number
    /** What it wrote at the end of that run, if its termination message or the node shows it. */
    readonly lastMessage?: string
  }
  readonly waiting?: { readonly reason?: string, readonly message?: string }
  readonly running?: { readonly startedAt?: number }
  readonly terminated?: {
    readonly exitCode: number
    readonly signal?: number
    readonly reason?: string
    readonly message?: string
    readonly startedAt?: number
    readonly finishedAt?: number
  }
}

/** A view of a `v1` Event about a Job or a pod. */
export interface EventView {
  /** The container of the pod that the event is about, if it is about one. */
  readonly container?: string
  readonly reason: string
  readonly message: string
}

/** Whether the Job can still create pods, so that a patch of it has an effect. */
export function isLive ({ deletedAt, conditions }: JobView): boolean {
  return deletedAt === undefined && !isTrue(conditions, 'Complete') && !isTrue(conditions, 'Failed')
}

/** Why the Job has failed, or is about to: the cluster sets FailureTarget before it ends the pods. */
export function failureOf ({ conditions }: JobView): ConditionView | undefined {
  const isSet = (wanted: string) => conditions.find(({ type, status }) => type === wanted && status === 'True')
  return isSet('Failed') ?? isSet('FailureTarget')
}

/** Whether the condition has the status True. */
export function isTrue (conditions: readonly ConditionView[], type: string): boolean {
  return conditions.some(condition => condition.type === type && condition.status === 'True')
}
