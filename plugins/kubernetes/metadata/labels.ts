// Labels of the objects that the launcher creates, and the selectors that find them.

import { createHash } from 'node:crypto'

/**
 * Keys of the labels. The prefix has no dot: a prefix must have the form of a DNS name but need not be a registered
 * domain, and this one is short enough to type after `kubectl get jobs -L`.
 */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'job-launcher/instance',
  installation: 'job-launcher/installation',
  job: 'job-launcher/job',
  user: 'job-launcher/user'
} as const

/** The label with the uid of a Job, which the Job controller gives each pod of it. */
export const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid'

const MANAGER = 'job-launcher'
const MAX_LENGTH = 63
const HASH_CHARS = 10
/** A value that Kubernetes accepts for a label. */
export const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
/** The key of a label: an optional DNS name and a name. */
export const LABEL_KEY =
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
/** Matches a name that ends like a hashed slug. */
const HASHED = new RegExp(`--[0-9a-f]{${HASH_CHARS}}$`)

export interface Owner {
  /** Id of the launcher instance. */
  readonly instance: string
  readonly installation?: string
  /** Replaces the default user's name in labels, if configured. */
  readonly serverUser?: { readonly insteadOf: string, readonly name: string }
}

/** Labels of every object that the instance creates. */
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

/** Selects every object of one instance, and none of another. */
export function instanceSelector (instance: string): string {
  return `${LABEL.managedBy}=${MANAGER},${LABEL.instance}=${instance}`
}

/** Whether a selector of the form `key=value,key=value` selects an object with these labels. */
export function isSelectedBy (selector: string, labels: Readonly<Record<string, string>> = {}): boolean {
  return selector.split(',').every(term => {
    const [key = '', value] = term.split('=')
    return labels[key] === value
  })
}

/** The label of the Job controller on each pod: the name of its Job. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name'

/** Selects the pods of one job. */
export function podSelector (jobId: string): Record<string, string> {
  return { [LABEL.job]: jobId }
}

/**
 * Returns the user's name as a label value. A valid value stays unchanged, so that people can find it. Any other name
 * becomes its valid characters, `--` and a hash, so that no two users share a value.
 */
export function userSlug (user: string): string {
  if (LABEL_VALUE.test(user) && !HASHED.test(user)) return user
  const hash = createHash('sha256').update(user).digest('hex').slice(0, HASH_CHARS)
  const prefix = user
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_LENGTH - HASH_CHARS - 2)
  return `${prefix === '' ? 'user' : prefix}--${hash}`
}
