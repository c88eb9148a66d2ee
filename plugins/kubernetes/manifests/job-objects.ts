// Builds all objects of a job: the base manifests of the operator, over them what the launcher sets, then the
// profile's. Pure.

import type { V1Job, V1Secret, V1Service } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { jobObject } from '../objects/job.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { needsSecret, secretObject } from '../objects/secret.ts'
import { needsService, serviceObject } from '../objects/service.ts'
import { basesFor, type Bases } from './bases.ts'
import { operatorOnlyParts } from './operator-only.ts'
import { checkMerged } from './check-merged.ts'
import { merge } from './strategic-merge.ts'
import { withOverrides, type Override } from './json-override.ts'
import { DEFAULTED_FIELDS, reservedFields, type ManifestKind } from './reserved-fields.ts'
import {
  mapOf,
  originsOf,
  traced,
  plainOf,
  scalarIn,
  type Fields,
  type Origin,
  type TracedValue
} from './traced-value.ts'
import { CONTENT } from '../metadata/names.ts'
import type { ObjectSettings } from '../objects/settings.ts'

/** A value that a profile gives, and the line that gives it. */
export interface FromProfile<Value> {
  readonly value: Value
  readonly file: string
  readonly line: number
}

/** What shapes the objects of one job beside the job itself. */
export interface ManifestPolicy {
  readonly bases: Bases
  readonly tolerations?: FromProfile<readonly unknown[]> | undefined
  /** In the order in which they are applied. */
  readonly overrides?: readonly Override[] | undefined
}

export interface Objects {
  readonly job: V1Job
  readonly service?: V1Service
  readonly secret?: V1Secret
  /** Where each field comes from that is not the launcher's own; computed at each reading, for explanations. */
  readonly origins: ReadonlyArray<{ readonly kind: ManifestKind, readonly pointer: string, readonly origin: Origin }>
}

/**
 * Throws InvalidJob or NotAllowedByProfile, with file and line, when the shaping does not fit the job. The Service and
 * the Secret have no owner yet.
 */
export function objectsOf (job: RecordedFields, shaping: ManifestPolicy, settings: ObjectSettings): Objects {
  const { submission } = job
  const whom = { image: submission.container?.image, tags: submission.tags }
  const own = jobObject(job, settings)
  const bases = basesFor(shaping.bases.Job, whom)
  const shapedJob = isShaped(submission, shaping) ? shapeJob(job, own, bases, shaping, settings) : undefined
  const ownService = needsService(submission) ? serviceObject(job, settings) : undefined
  const shapedService = ownService && overBases(basesFor(shaping.bases.Service, whom), traced(ownService))
  const made = shapedJob === undefined ? own : plainOf(shapedJob) as V1Job
  return {
    job: made,
    ...(shapedService !== undefined && { service: plainOf(shapedService) as V1Service }),
    ...(needsSecret(submission) && { secret: secretObject(job, settings) }),
    get origins () {
      return [
        ...operatorOnlyParts(made).map(each => ({ kind: 'Job' as const, ...each })),
        ...told('Job', shapedJob),
        ...told('Service', shapedService)
      ]
    }
  }
}

/** Whether the operator's policy changes the Job of this submission; only then can `objectsOf` throw. */
export function isShaped (
  { container, tags }: JobSubmission,
  { bases, tolerations, overrides = [] }: ManifestPolicy
): boolean {
  if (tolerations !== undefined || overrides.length > 0) return true
  return basesFor(bases.Job, { image: container?.image, tags }).length > 0
}

function told <Kind extends ManifestKind> (kind: Kind, shaped: TracedValue | undefined) {
  return shaped === undefined ? [] : originsOf(shaped).map(each => ({ kind, ...each }))
}

function shapeJob (
  job: RecordedFields,
  object: V1Job,
  bases: readonly TracedValue[],
  { tolerations, overrides = [] }: ManifestPolicy,
  { runtime }: ObjectSettings
): TracedValue {
  const own = traced(object)
  const merged = programFirst(overBases(bases, own))
  const tolerant = tolerations === undefined ? merged : merge(merged, tolerationsPiece(tolerations))
  const shaped = withOverrides(tolerant, overrides, own, job, reservedFields('Job', runtime?.mountPath))
  checkMerged(shaped)
  return shaped
}

function overBases (bases: readonly TracedValue[], own: TracedValue): TracedValue {
  const [first, ...others] = [...bases]
  return first === undefined
    ? own
    : merge(
      others.reduce((lower, upper) => merge(lower, upper), first),
      own,
      DEFAULTED_FIELDS
    )
}

/** So that whoever names no container, and a pointer to the first one, means the program's. */
function programFirst (object: TracedValue): TracedValue {
  return inPodSpec(object, spec => {
    const containers = spec.entries.get('containers')
    if (containers?.kind !== 'list') return spec
    const isProgram = (item: TracedValue): boolean => scalarIn(item, 'name') === CONTENT
    const items = [...containers.items.filter(isProgram), ...containers.items.filter(item => !isProgram(item))]
    return mapOf(new Map([...spec.entries, ['containers', { ...containers, items }]]), spec)
  })
}

function inPodSpec (
  object: TracedValue,
  change: (spec: Fields) => Fields,
  way: readonly string[] = ['spec', 'template', 'spec']
): TracedValue {
  if (object.kind !== 'map') return object
  const [key, ...rest] = way
  if (key === undefined) return change(object)
  const part = object.entries.get(key)
  return part === undefined ? object : mapOf(new Map([...object.entries, [key, inPodSpec(part, change, rest)]]), object)
}

function tolerationsPiece ({ value, file, line }: FromProfile<readonly unknown[]>): TracedValue {
  const tolerations = traced(value, { source: { from: 'profile', name: 'tolerations-file', file }, line })
  return ['spec', 'template', 'spec', 'tolerations'].reduceRight(
    (inner: TracedValue, key) => mapOf([[key, inner]]),
    tolerations
  )
}
