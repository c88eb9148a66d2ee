// Builds all objects of a job: the operator's base manifests, then the launcher's own fields, then those of the
// profile. Each is merged over the one before. Pure.

import type { V1Job, V1Secret, V1Service } from '@kubernetes/client-node'
import type { RuntimeDelivery } from '../config/runtime-delivery.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { jobObject } from '../objects/job.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { needsSecret, secretObject } from '../objects/secret.ts'
import { needsService, serviceObject } from '../objects/service.ts'
import { withStepMessages } from '../objects/step-messages.ts'
import { basesFor, type Bases } from './bases.ts'
import { operatorOnlyParts, restrictedParts } from './operator-only.ts'
import { checkMerged } from './check-merged.ts'
import { inOrder } from './item-order.ts'
import { merge } from './strategic-merge.ts'
import { withOverrides, type Override } from './json-override.ts'
import { WHOLE_FIELDS, reservedFields, type ManifestKind } from './reserved-fields.ts'
import {
  mapOf,
  originsOf,
  traced,
  plainOf,
  type Origin,
  type TracedValue
} from './traced-value.ts'
import type { ObjectSettings } from '../objects/settings.ts'

/** A value of a profile, and the line that sets it. */
export interface FromProfile<Value> {
  readonly value: Value
  readonly file: string
  readonly line: number
}

/** What the operator's policy adds to the objects of one job. */
export interface ManifestPolicy {
  readonly bases: Bases
  readonly tolerations?: FromProfile<readonly unknown[]> | undefined
  /** In the order in which they are applied. */
  readonly overrides?: readonly Override[] | undefined
  /** Has precedence over runtime-delivery of the conf file. */
  readonly runtimeDelivery?: FromProfile<RuntimeDelivery> | undefined
}

export interface Objects {
  readonly job: V1Job
  readonly service?: V1Service
  readonly secret?: V1Secret
  /** The origin of each field that the launcher does not set itself. For explanations; computed on each access. */
  readonly origins: ReadonlyArray<{ readonly kind: ManifestKind, readonly pointer: string, readonly origin: Origin }>
}

/**
 * Throws InvalidJob or NotAllowedByProfile, with file and line, if the policy cannot be applied to the job. The Service
 * and the Secret do not have an owner yet.
 */
export function objectsOf (job: RecordedFields, policy: ManifestPolicy, given: ObjectSettings): Objects {
  const { submission } = job
  const settings = withDelivery(given, policy.runtimeDelivery)
  const target = { image: submission.container?.image, tags: submission.tags }
  const own = jobObject(job, settings)
  const bases = basesFor(policy.bases.Job, target)
  const mergedJob = policyChangesJob(submission, policy) ? mergeJob(job, own, bases, policy, settings) : undefined
  const ownService = needsService(submission) ? serviceObject(job, settings) : undefined
  const mergedService = ownService && mergeOverBases(basesFor(policy.bases.Service, target), traced(ownService))
  const finalJob = withStepMessages(mergedJob === undefined ? own : plainOf(mergedJob) as V1Job)
  return {
    job: finalJob,
    ...(mergedService !== undefined && { service: plainOf(mergedService) as V1Service }),
    ...(needsSecret(submission) && { secret: secretObject(job, settings) }),
    get origins () {
      const merged = originsIn('Job', mergedJob)
      const restricted = settings.podSecurity === 'restricted' ? restrictedParts(finalJob) : []
      const isMerged = (pointer: string): boolean =>
        merged.some(other => pointer === other.pointer || pointer.startsWith(`${other.pointer}/`))
      return [
        ...operatorOnlyParts(finalJob, policy.runtimeDelivery).map(each => ({ kind: 'Job' as const, ...each })),
        ...restricted.filter(({ pointer }) => !isMerged(pointer)).map(each => ({ kind: 'Job' as const, ...each })),
        ...merged,
        ...originsIn('Service', mergedService)
      ]
    }
  }
}

function withDelivery (settings: ObjectSettings, chosen: ManifestPolicy['runtimeDelivery']): ObjectSettings {
  const { runtime } = settings
  return runtime === undefined || chosen === undefined
    ? settings
    : { ...settings, runtime: { ...runtime, delivery: chosen.value } }
}

/** Whether the operator's policy changes the Job of this submission. Only then can `objectsOf` throw. */
export function policyChangesJob (
  { container, tags }: JobSubmission,
  { bases, tolerations, overrides = [] }: ManifestPolicy
): boolean {
  if (tolerations !== undefined || overrides.length > 0) return true
  return basesFor(bases.Job, { image: container?.image, tags }).length > 0
}

function originsIn <Kind extends ManifestKind> (kind: Kind, merged: TracedValue | undefined) {
  return merged === undefined ? [] : originsOf(merged).map(each => ({ kind, ...each }))
}

function mergeJob (
  job: RecordedFields,
  object: V1Job,
  bases: readonly TracedValue[],
  { tolerations, overrides = [] }: ManifestPolicy,
  { runtime }: ObjectSettings
): TracedValue {
  const own = traced(object)
  const overBases = inOrder(mergeOverBases(bases, own))
  const tolerant = tolerations === undefined ? overBases : merge(overBases, tracedTolerations(tolerations))
  const merged = withOverrides(tolerant, overrides, own, job, reservedFields('Job', runtime?.mountPath))
  checkMerged(merged)
  return merged
}

function mergeOverBases (bases: readonly TracedValue[], own: TracedValue): TracedValue {
  const [first, ...others] = [...bases]
  return first === undefined
    ? own
    : merge(
      others.reduce((lower, upper) => merge(lower, upper), first),
      own,
      WHOLE_FIELDS
    )
}

function tracedTolerations ({ value, file, line }: FromProfile<readonly unknown[]>): TracedValue {
  const tolerations = traced(value, { source: { from: 'profile', name: 'tolerations-file', file }, line })
  return ['spec', 'template', 'spec', 'tolerations'].reduceRight(
    (inner: TracedValue, key) => mapOf([[key, inner]]),
    tolerations
  )
}
