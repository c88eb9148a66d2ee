// Converts Jobs, Pods and Events into views: the few fields that the plugin needs for its decisions.

import type {
  CoreV1Event,
  V1ContainerState,
  V1ContainerStatus,
  V1Job,
  V1ObjectMeta,
  V1Pod
} from '@kubernetes/client-node'
import { defined } from '../../../launcher/lib/defined.ts'
import { LABEL } from '../metadata/labels.ts'
import { readAnnotations } from '../metadata/annotations.ts'
import { objectName } from '../metadata/names.ts'
import type { ConditionView, ContainerView, EventView, JobView, PodView } from './views.ts'
import type { Wire } from '../client/wire.ts'

const PHASES: ReadonlySet<unknown> = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] satisfies Array<
  PodView['phase']
>)

/** The launcher's name in managed fields: the begin of its User-Agent. */
const LAUNCHER = 'job-launcher'
const CONTROLLERS: ReadonlySet<string> = new Set(['kube-controller-manager', 'kubelet', 'kube-scheduler'])

type ManagedFields = NonNullable<Wire<V1ObjectMeta>['managedFields']>
type FieldsOfJob = { readonly 'f:spec'?: { readonly 'f:suspend'?: object } }

/** Returns undefined for a Job that has not the name of its job's Job: a copy has its labels, too. */
export function transformJob ({ metadata, spec, status }: Wire<V1Job>): JobView | undefined {
  const identity = identityOf(metadata)
  if (identity === undefined || identity.name !== objectName(identity.jobId)) return undefined
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
    activeDeadlineMs: deadline === undefined ? undefined : deadline * 1000,
    ...(spec?.suspend === true && { suspended: true as const, suspendedBy: suspendedBy(metadata?.managedFields) }),
    changedBy: changedBy(metadata?.managedFields, LAUNCHER)
  })
}

/** Returns undefined for a pod that the Job of its job does not control: a copy has its labels, too. */
export function transformPod ({ metadata, spec, status }: Wire<V1Pod>): PodView | undefined {
  const identity = identityOf(metadata)
  const creator = createdBy(metadata?.managedFields)
  const jobUid = identity && (controllingJob(metadata!, identity.jobId) ?? orphanedBy(metadata!, creator))
  if (identity === undefined || jobUid === undefined) return undefined
  const grace = metadata?.deletionGracePeriodSeconds
  return defined({
    ...identity,
    jobUid,
    createdBy: creator,
    changedBy: creator === undefined ? undefined : changedBy(metadata?.managedFields, creator),
    deletionGraceMs: grace === undefined ? undefined : grace * 1000,
    phase: PHASES.has(status?.phase) ? status!.phase as PodView['phase'] : 'Unknown',
    reason: status?.reason,
    message: status?.message,
    node: spec?.nodeName,
    address: status?.podIP,
    hostAddress: status?.hostIP,
    startedAt: timeOf(status?.startTime),
    conditions: conditionsOf(status?.conditions),
    initContainers: initContainersOf(spec, status),
    containers: (status?.containerStatuses ?? []).map(containerOf)
  })
}

export function transformEvent ({ reason, message }: Wire<CoreV1Event>): EventView {
  return { reason: reason ?? '', message: message ?? '' }
}

/** The uid of the Job, if it controls the pod. */
function controllingJob ({ ownerReferences = [] }: Wire<V1ObjectMeta>, jobId: string): string | undefined {
  const owner = ownerReferences.find(({ controller }) => controller === true)
  return owner?.kind === 'Job' && owner.name === objectName(jobId) ? owner.uid : undefined
}

/** The uid of the Job whose deletion left the pod (kubectl delete --cascade=orphan): its program may still run. */
function orphanedBy (
  { ownerReferences = [], labels }: Wire<V1ObjectMeta>, creator: string | undefined
): string | undefined {
  if (ownerReferences.length > 0 || creator === undefined || !CONTROLLERS.has(creator)) return undefined
  return labels?.['batch.kubernetes.io/controller-uid']
}

/** Who created the object: the client that set its spec first. */
function createdBy (managed: ManagedFields = []): string | undefined {
  return managed.find(({ subresource, fieldsV1 }) => !subresource && fieldsV1 !== undefined && 'f:spec' in fieldsV1)
    ?.manager
}

/** The client that changed the object last, apart from `owner`, the controllers, and those that write its status. */
function changedBy (managed: ManagedFields = [], owner: string): string | undefined {
  return managed
    .filter(({ manager = '', subresource }) => !subresource && manager !== owner && !CONTROLLERS.has(manager))
    .sort((a, b) => (timeOf(a.time) ?? 0) - (timeOf(b.time) ?? 0))
    .at(-1)
    ?.manager
}

/** The launcher's name stands for a webhook, which changes the Job in the launcher's request. */
function suspendedBy (managed: ManagedFields = []): string | undefined {
  const { manager } = managed.find(({ subresource, fieldsV1 }) =>
    !subresource && (fieldsV1 as FieldsOfJob | undefined)?.['f:spec']?.['f:suspend'] !== undefined) ?? {}
  return manager === LAUNCHER ? undefined : manager
}

function identityOf (metadata: Wire<V1ObjectMeta> | undefined) {
  const jobId = metadata?.labels?.[LABEL.job]
  if (metadata?.uid === undefined || metadata.name === undefined || jobId === undefined) return undefined
  return defined({
    uid: metadata.uid,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    jobId,
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

/** Only the spec shows which of them are sidecars. */
function initContainersOf (spec: Wire<V1Pod>['spec'], status: Wire<V1Pod>['status']): ContainerView[] {
  return (status?.initContainerStatuses ?? []).map(container => {
    const declared = spec?.initContainers?.find(({ name }) => name === container.name)
    const view = containerOf(container)
    if (declared?.restartPolicy !== 'Always') return view
    const lastExitCode = (view.terminated ?? container.lastState?.terminated)?.exitCode
    return { ...view, sidecar: defined({ started: container.started === true, lastExitCode }) }
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
