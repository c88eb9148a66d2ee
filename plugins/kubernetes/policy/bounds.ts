// What the profiles let a user's jobs reach beside their own container: node, volumes, ids and base manifests. Pure.

import type { ProfileValue, ValueOf } from '../../../launcher/plugin-kit/profiles.ts'
import type { Subject } from '../../../launcher/plugin.ts'
import type { Bases } from '../manifests/bases.ts'
import type { Policy } from './policy.ts'
import type { PROFILE_KEYS } from './profile-keys.ts'

export type BoundsPolicy = Pick<Policy, 'bases' | 'profiles'>

/** The values that apply if no profile of the user has the key. Undefined allows everything. */
const DEFAULTS = {
  'mount-types': ['nfs', 'glusterFs', 'persistentVolumeClaim', 'configMap'],
  'allow-data-mounts': true,
  'allow-host': false,
  'base-tags': [],
  'published-ports': [],
  'run-as-user-ids': undefined,
  'run-as-group-ids': undefined
} as const satisfies { readonly [Key in keyof typeof PROFILE_KEYS]?: ValueOf<(typeof PROFILE_KEYS)[Key]> | undefined }

export type BoundKey = keyof typeof DEFAULTS
export type BoundValue<Key extends BoundKey> = ValueOf<(typeof PROFILE_KEYS)[Key]>

export interface Bound<Key extends BoundKey> {
  /** Undefined allows everything. */
  readonly value: BoundValue<Key> | undefined
  /** The line that sets the value; undefined for the default. */
  readonly rule: ProfileValue<BoundValue<Key>> | undefined
}

export function boundOf<Key extends BoundKey> (
  key: Key,
  { profiles }: Pick<BoundsPolicy, 'profiles'>,
  { user, groups }: Subject
): Bound<Key> {
  const rule = profiles.valueOf(key, user, groups)
  return { value: rule === undefined ? DEFAULTS[key] as BoundValue<Key> | undefined : rule.value, rule }
}

/** The base manifests that can count for a job of the user: those of a tag only if the profile allows the tag. */
export function allowedBases (policy: BoundsPolicy, subject: Subject): Bases {
  const { bases } = policy
  const { value: tags = [] } = boundOf('base-tags', policy, subject)
  const isAllowed = ({ tag }: { readonly tag?: string }): boolean => tag === undefined || tags.includes(tag)
  return { Job: bases.Job.filter(isAllowed), Service: bases.Service.filter(isAllowed) }
}
