// Labels of what the launcher makes, and the selectors that find it again.

import { createHash } from 'node:crypto'

/**
 * Keys of the labels. The prefix has no dot: a prefix needs the form of a DNS name, not a registered domain, and this
 * one is short enough to type after `kubectl get jobs -L`.
 */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'job-launcher/instance',
  installation: 'job-launcher/installation',
  job: 'job-launcher/job',
  user: 'job-launcher/user'
} as const

const MANAGER = 'job-launcher'
const MAX_LENGTH = 63
const HASH_CHARS = 10
/** A value that Kubernetes takes for a label. */
export const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
/** A label's key: an optional DNS name and a name. */
export const LABEL_KEY =
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
/** Ends like a slug that was made from something else. */
const HASHED = new RegExp(`--[0-9a-f]{${HASH_CHARS}}$`)

export interface Owner {
  /** Id of the launcher instance. */
  readonly instance: string
  readonly installation?: string
  /** Who is shown instead of the user whose jobs name nobody, where the operator chose somebody. */
  readonly serverUser?: { readonly insteadOf: string, readonly name: string }
}

/** Labels of everything that the instance makes. */
export function ownLabels ({ instance, installation }: Owner): Record<string, string> {
  return {
    [LABEL.managedBy]: MANAGER,
    [LABEL.instance]: instance,
    ...(installation !== undefined && { [LABEL.installation]: installation })
  }
}

/** Labels of the Job, the pod, the Service and the Secret of one job. */
export function jobLabels (job: { readonly id: string, readonly user: string }, owner: Owner): Record<string, string> {
  const { serverUser } = owner
  const user = job.user === serverUser?.insteadOf ? serverUser.name : job.user
  return {
    ...ownLabels(owner),
    [LABEL.job]: job.id,
    [LABEL.user]: userSlug(user)
  }
}

/** Selects everything of one instance, and nothing of another. */
export function instanceSelector (instance: string): string {
  return `${LABEL.managedBy}=${MANAGER},${LABEL.instance}=${instance}`
}

/** The pods of one job. */
export function podSelector (jobId: string): Record<string, string> {
  return { [LABEL.job]: jobId }
}

/**
 * The name as a label's value. A name that is one already stays as it is, so that people find it; any other gets what
 * can be kept of it, `--` and a hash, so that no two users share a value.
 */
export function userSlug (user: string): string {
  if (LABEL_VALUE.test(user) && !HASHED.test(user)) return user
  const hash = createHash('sha256').update(user).digest('hex').slice(0, HASH_CHARS)
  const kept = user
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_LENGTH - HASH_CHARS - 2)
  return `${kept === '' ? 'user' : kept}--${hash}`
}
