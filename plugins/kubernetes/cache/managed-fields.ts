// Reads from the managed fields of an object which clients created and changed it.

import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Wire } from '../client/wire.ts'

/** The launcher's name in managed fields: the begin of its User-Agent. */
export const LAUNCHER = 'job-launcher'
export const CONTROLLERS: ReadonlySet<string> = new Set(['kube-controller-manager', 'kubelet', 'kube-scheduler'])

export type ManagedFields = NonNullable<Wire<V1ObjectMeta>['managedFields']>
type SpecField = 'suspend' | 'parallelism' | 'activeDeadlineSeconds'
type FieldsOfSpec = { readonly 'f:spec'?: { readonly [Field in `f:${SpecField}`]?: object } }

/** Who created the object: the client that set its spec first. */
export function createdBy (managed: ManagedFields = []): string | undefined {
  return managed.find(({ subresource, fieldsV1 }) => !subresource && fieldsV1 !== undefined && 'f:spec' in fieldsV1)
    ?.manager
}

/** The client that changed the object last, apart from `owner`, the controllers, and those that write its status. */
export function changedBy (managed: ManagedFields = [], owner: string): string | undefined {
  return managed
    .filter(({ manager = '', subresource }) => !subresource && manager !== owner && !CONTROLLERS.has(manager))
    .sort((a, b) => (Date.parse(a.time ?? '') || 0) - (Date.parse(b.time ?? '') || 0))
    .at(-1)
    ?.manager
}

/** The client other than the launcher and the controllers that changed the object last. */
export function changedByClient (managed: ManagedFields | undefined): string | undefined {
  return changedBy(managed, LAUNCHER)
}

/**
 * The client other than the launcher and the controllers that set the field of the spec of a Job or a pod. Their names
 * also stand for a webhook, which changes the object in their request.
 */
export function specFieldSetBy (managed: ManagedFields = [], field: SpecField): string | undefined {
  const { manager = '' } = managed.find(({ subresource, fieldsV1 }) =>
    !subresource && (fieldsV1 as FieldsOfSpec | undefined)?.['f:spec']?.[`f:${field}`] !== undefined) ?? {}
  return manager === '' || manager === LAUNCHER || CONTROLLERS.has(manager) ? undefined : manager
}
