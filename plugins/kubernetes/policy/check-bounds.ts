// Refuses a job that would reach what the profiles of its user do not allow. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { Refusals } from '../../../launcher/plugin-kit/refusals.ts'
import type { JobSubmission, NumberRange, Subject } from '../../../launcher/plugin.ts'
import { isMountType } from '../objects/mounts.ts'
import { boundOf, type BoundKey, type BoundsPolicy, type BoundValue } from './bounds.ts'
import { isInRanges, rangeText } from './number-ranges.ts'

/** What a job asks for that a bound does not allow. */
interface Excess {
  readonly field: string
  /** The beginning of the message. */
  readonly what: string
}

type FindExcess<Key extends BoundKey> = (
  submission: JobSubmission,
  allowed: BoundValue<Key>,
  policy: BoundsPolicy
) => Excess | undefined

const CHECKS: { readonly [Key in BoundKey]: FindExcess<Key> } = {
  'mount-types': mountExcess,
  'allow-data-mounts': ({ dataMounts = [] }, allowed) =>
    allowed || dataMounts.length === 0
      ? undefined
      : { field: 'dataMounts', what: 'The job mounts data of the host' },
  'allow-host': ({ host }, allowed) =>
    allowed || host === undefined ? undefined : { field: 'host', what: `The job names the host ${host}` },
  'base-tags': tagExcess,
  'published-ports': portExcess,
  'run-as-user-ids': ({ container }, allowed) =>
    container && idExcess(allowed, 'user', [['container.runAsUserId', container.runAsUserId]]),
  'run-as-group-ids': ({ container }, allowed) =>
    container &&
    idExcess(allowed, 'group', [
      ['container.runAsGroupId', container.runAsGroupId],
      ...(container.supplementalGroupIds ?? []).map(
        (id, index): [string, number] => [`container.supplementalGroupIds[${index}]`, id]
      )
    ])
}

/**
 * For a submission as its user wrote it, before it is completed with what the operator adds. Refuses with
 * NotAllowedByProfile, with the file and line that set the rule. Reports the first excess of each key.
 */
export function checkBounds (
  submission: JobSubmission,
  policy: BoundsPolicy,
  subject: Subject,
  refusals: Refusals
): void {
  for (const key of Object.keys(CHECKS) as BoundKey[]) refusals.add(refusalOf(key, submission, policy, subject))
}

function refusalOf<Key extends BoundKey> (
  key: Key,
  submission: JobSubmission,
  policy: BoundsPolicy,
  subject: Subject
): LauncherError | undefined {
  const { value, rule } = boundOf(key, policy, subject)
  const excess = value === undefined ? undefined : CHECKS[key](submission, value, policy)
  if (excess === undefined) return undefined
  const { field, what } = excess
  if (rule === undefined) {
    return new LauncherError(
      'NotAllowedByProfile',
      `${what}; no profile of ${subject.user} has ${key}, so ${defaultText(value)}. An operator allows more with ` +
      `${key} in the profiles (profile-config).`,
      { field, key }
    )
  }
  return new LauncherError(
    'NotAllowedByProfile',
    `${what}; ${placeOf(rule)} allows ${subject.user} ${key}=${valueText(rule.value)}.`,
    { field, key, file: rule.file, line: rule.line }
  )
}

function mountExcess ({ mounts = [] }: JobSubmission, allowed: readonly string[]): Excess | undefined {
  for (const [index, { type, source }] of mounts.entries()) {
    // `checkMounts` refuses unknown types.
    if (!isMountType(type) || allowed.includes(type)) continue
    const name = type === 'passthrough' ? passthroughName(source) : type
    if (!allowed.includes(name)) return { field: `mounts[${index}].type`, what: `mounts[${index}] is of type ${name}` }
  }
}

/** Names the kind of volume if the source has exactly one. `checkMounts` refuses other sources. */
function passthroughName (source: Readonly<Record<string, unknown>>): string {
  const [kind = '', ...others] = Object.keys(source)
  return others.length === 0 && /^[A-Za-z]{1,64}$/.test(kind) ? `passthrough:${kind}` : 'passthrough'
}

function tagExcess (
  { tags = [] }: JobSubmission,
  allowed: readonly string[],
  { bases }: BoundsPolicy
): Excess | undefined {
  for (const [index, tag] of tags.entries()) {
    const kind = (['Job', 'Service'] as const).find(kind => bases[kind].some(base => base.tag === tag))
    if (kind !== undefined && !allowed.includes(tag)) {
      return { field: `tags[${index}]`, what: `The tag ${tag} chooses a base ${kind}` }
    }
  }
}

function portExcess ({ exposedPorts = [] }: JobSubmission, allowed: readonly NumberRange[]): Excess | undefined {
  for (const [index, { publishedPort: port }] of exposedPorts.entries()) {
    if (port === undefined || isInRanges(port, allowed)) continue
    return {
      field: `exposedPorts[${index}].publishedPort`,
      what: `The job publishes the port ${port} on its node`
    }
  }
}

/** Without an id the image decides, and the job names the image. */
function idExcess (
  allowed: readonly NumberRange[],
  kind: 'user' | 'group',
  asked: ReadonlyArray<[field: string, id: number | undefined]>
): Excess | undefined {
  for (const [field, id] of asked) {
    if (id === undefined) return { field, what: `The job names an image and no ${field}` }
    if (!isInRanges(id, allowed)) return { field, what: `The job runs as the ${kind} ${id}` }
  }
}

function defaultText (value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? `${valueText(value)} are allowed` : 'none is allowed'
}

function valueText (value: boolean | ReadonlyArray<string | NumberRange> | unknown): string {
  if (!Array.isArray(value)) return String(value)
  if (value.length === 0) return 'none'
  return value.map((item: string | NumberRange) => (typeof item === 'string' ? item : rangeText(item))).join(', ')
}
