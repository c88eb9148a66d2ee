// Converts Jobs, Pods and Events into views: the few fields that the plugin needs for its decisions.

import type {
  CoreV1Event,
  V1ContainerState,
  V1ContainerStatus,
  V1Job,
  V1ObjectMeta,
  V1Pod,
  V1Volume
} from '@kubernetes/client-node'
import { defined } from '../../../launcher/lib/defined.ts'
import { JOB_NAME_LABEL, LABEL } from '../metadata/labels.ts'
import { readAnnotations } from '../metadata/annotations.ts'
import { isLauncherObject, jobIdOf, objectName } from '../metadata/names.ts'
import { changedBy, CONTROLLERS, createdBy, LAUNCHER, specFieldSetBy } from './managed-fields.ts'
import type { ConditionView, ContainerView, DeadlineView, EventView, JobView, PodView } from './views.ts'
import type { Wire } from '../client/wire.ts'

const PHASES: ReadonlySet<unknown> = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] satisfies Array<
  PodView['phase']
>)

/**
 * Returns undefined for a Job that has not the name of a job's Job: a copy has its labels, too. Labels do not decide,
 * because another client can change them.
 */
export function transformJob ({ metadata, spec, status }: Wire<V1Job>): JobView | undefined {
  const identity = identityOf(metadata, metadata?.name)
  if (identity === undefined) return undefined
  const deadline = spec?.activeDeadlineSeconds
  return defined({
    ...identity,
    ...readAnnotations(metadata?.annotations),
    parallelism: spec?.parallelism ?? 1,
    active: status?.active ?? 0,
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    conditions: conditionsOf(status?.conditions),
    startedAt: deadline === undefined ? undefined : timeOf(status?.startTime),
    deadline: deadlineOf(deadline, metadata),
    ...(spec?.podFailurePolicy?.rules?.some(rule => rule?.action === 'Ignore') === true && {
      ignoresFailures: true as const
    }),
    scaledDownBy: spec?.parallelism === 0 ? specFieldSetBy(metadata?.managedFields, 'parallelism') : undefined,
    ...(spec?.suspend === true && {
      suspended: true as const, suspendedBy: specFieldSetBy(metadata?.managedFields, 'suspend')
    }),
    templateGates: namesOf(spec?.template?.spec?.schedulingGates),
    changedBy: changedBy(metadata?.managedFields, LAUNCHER)
  })
}

/** Returns undefined for a pod that no job's Job controls: a copy has its labels, too. */
export function transformPod ({ metadata, spec, status }: Wire<V1Pod>): PodView | undefined {
  const creator = createdBy(metadata?.managedFields)
  const owner = metadata && (controllingJob(metadata) ?? orphanedBy(metadata, creator))
  const identity = identityOf(metadata, owner?.name)
  if (identity === undefined || owner === undefined) return undefined
  const grace = metadata?.deletionGracePeriodSeconds
  return defined({
    ...identity,
    namespace: metadata?.namespace ?? '',
    jobUid: owner.uid,
    createdBy: creator,
    changedBy: creator === undefined ? undefined : changedBy(metadata?.managedFields, creator),
    deletionGraceMs: grace === undefined ? undefined : grace * 1000,
    phase: PHASES.has(status?.phase) ? status!.phase as PodView['phase'] : 'Unknown',
    reason: status?.reason,
    message: status?.message,
    node: spec?.nodeName,
    scheduler: spec?.schedulerName,
    schedulingGates: namesOf(spec?.schedulingGates),
    pullSecrets: namesOf(spec?.imagePullSecrets),
    claims: namesOf(spec?.volumes?.flatMap(volume => claimOf(volume, identity.name))),
    address: status?.podIP,
    hostAddress: status?.hostIP,
    startedAt: timeOf(status?.startTime),
    deadline: deadlineOf(spec?.activeDeadlineSeconds, metadata),
    conditions: conditionsOf(status?.conditions),
    initContainers: initContainersOf(spec, status),
    containers: (status?.containerStatuses ?? []).map(containerOf)
  })
}

export function transformEvent ({ involvedObject, reason, message }: Wire<CoreV1Event>): EventView {
  const container = /^spec\.(?:initContainers|containers)\{(.+)\}$/.exec(involvedObject?.fieldPath ?? '')?.[1]
  return defined({ container, reason: reason ?? '', message: message ?? '' })
}

interface OwnerJob {
  readonly name: string
  readonly uid: string
}

/** The Job that controls the pod. */
function controllingJob ({ ownerReferences = [] }: Wire<V1ObjectMeta>): OwnerJob | undefined {
  const owner = ownerReferences.find(({ controller }) => controller === true)
  return owner?.kind === 'Job' ? owner : undefined
}

/** The Job whose deletion left the pod (kubectl delete --cascade=orphan): its program may still run. */
function orphanedBy (
  { ownerReferences = [], labels }: Wire<V1ObjectMeta>, creator: string | undefined
): OwnerJob | undefined {
  if (ownerReferences.length > 0 || creator === undefined || !CONTROLLERS.has(creator)) return undefined
  const uid = labels?.['batch.kubernetes.io/controller-uid']
  const name = labels?.[JOB_NAME_LABEL] ?? objectName(labels?.[LABEL.job] ?? '')
  return uid === undefined ? undefined : { name, uid }
}

/** `jobName`: name of the Job that the object is or belongs to. */
function identityOf (metadata: Wire<V1ObjectMeta> | undefined, jobName: string | undefined) {
  if (metadata?.uid === undefined || metadata.name === undefined || jobName === undefined) return undefined
  const isOwn = jobName === objectName(metadata.labels?.[LABEL.job] ?? '') || isLauncherObject(jobName)
  if (!isOwn) return undefined
  return defined({
    uid: metadata.uid,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    jobId: jobIdOf(jobName),
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    deletedAt: timeOf(metadata.deletionTimestamp)
  })
}

function conditionsOf (
  conditions: ReadonlyArray<
    Wire<{ type: string; status: string; reason?: string; message?: string; lastTransitionTime?: Date }>
  > = []
): ConditionView[] {
  return conditions.map(({ type, status, reason, message, lastTransitionTime }) =>
    defined({ type, status, reason, message, at: timeOf(lastTransitionTime) })
  )
}

function deadlineOf (seconds: number | undefined, metadata: Wire<V1ObjectMeta> | undefined): DeadlineView | undefined {
  if (seconds === undefined) return undefined
  return defined({ activeMs: seconds * 1000, setBy: specFieldSetBy(metadata?.managedFields, 'activeDeadlineSeconds') })
}

function namesOf (items: ReadonlyArray<{ readonly name?: string }> = []): string[] | undefined {
  const names = items.flatMap(({ name }) => name ?? [])
  return names.length === 0 ? undefined : names
}

/** An ephemeral volume has a claim of its own, which the cluster names after the pod and the volume. */
function claimOf ({ name, persistentVolumeClaim, ephemeral }: Wire<V1Volume>, podName: string): { name: string }[] {
  const claim = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${podName}-${name}`)
  return claim === undefined ? [] : [{ name: claim }]
}

/** Only the spec shows which of them are sidecars. */
function initContainersOf (spec: Wire<V1Pod>['spec'], status: Wire<V1Pod>['status']): ContainerView[] {
  return (status?.initContainerStatuses ?? []).map(container => {
    const declared = spec?.initContainers?.find(({ name }) => name === container.name)
    const view = containerOf(container)
    if (declared?.restartPolicy !== 'Always') return view
    const last = view.terminated ?? container.lastState?.terminated
    const started = container.started === true
    return { ...view, sidecar: defined({ started, lastExitCode: last?.exitCode, lastMessage: last?.message }) }
  })
}

function containerOf ({ name, state }: Wire<V1ContainerStatus>): ContainerView {
  return { name, ...stateOf(state) }
}

function stateOf ({ waiting, running, terminated }: Wire<V1ContainerState> = {}): Pick<
  ContainerView,
  'waiting' | 'running' | 'terminated'
> {
  if (terminated) {
    const { exitCode, signal, reason, message, startedAt, finishedAt } = terminated
    return {
      terminated: defined({
        exitCode,
        signal: signal || undefined,
        reason,
        message,
        startedAt: timeOf(startedAt),
        finishedAt: timeOf(finishedAt)
      })
    }
  }
  if (running) return { running: defined({ startedAt: timeOf(running.startedAt) }) }
  if (waiting) return { waiting: defined({ reason: waiting.reason, message: waiting.message }) }
  return {}
}

function timeOf (text: string | undefined | null): number | undefined {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : time
}
