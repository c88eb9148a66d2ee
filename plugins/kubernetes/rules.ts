// Derives the settings of objects and the rules of a decision from the current configuration and policy. Each call
// reads the current policy once, so one decision uses one policy.

import type { PolicyReloader } from '../../launcher/plugin-kit/policy-reloader.ts'
import { defined } from '../../launcher/lib/defined.ts'
import type { Subject } from '../../launcher/plugin.ts'
import { checkServiceAccount, type ServiceAccountLookup } from './admission/service-account.ts'
import type { OutputRules } from './admission/output-mode.ts'
import type { KubernetesRules } from './admission/decide.ts'
import type { KubernetesConfig } from './config/config.ts'
import type { DataFolder } from './config/data-folder.ts'
import type { EnforcedLevel } from './lifecycle/enforced-level.ts'
import type { ImageVolumes } from './lifecycle/image-volumes.ts'
import { objectsOf, type ManifestPolicy, type Objects } from './manifests/job-objects.ts'
import type { RecordedFields } from './metadata/job-record.ts'
import type { JobLogs } from './process-logs/job-logs.ts'
import { deadlinesOf } from './state/deadlines.ts'
import type { ObjectSettings } from './objects/settings.ts'
import { allowedBases } from './policy/bounds.ts'
import { runtimeDeliveryFor } from './policy/runtime-delivery.ts'
import { overridesFor, tolerationsFor, type Policy } from './policy/policy.ts'

export interface Settled {
  /** A reload replaces it. */
  config: KubernetesConfig
  readonly enforcedLevel: Pick<EnforcedLevel, 'refresh' | 'current'>
  readonly imageVolumes: ImageVolumes
  readonly jobLogs: Pick<JobLogs, 'folderOf' | 'logFolders' | 'problem' | 'tokenOf'>
  readonly namespace: string
  readonly instance: string
  /** The user whose jobs are submitted without a user. */
  readonly defaultUser: string
}

export interface Governed extends Settled {
  readonly policyReloader: PolicyReloader<Policy>
  readonly accountExists: ServiceAccountLookup
}

export function objectSettings (
  { config, enforcedLevel, imageVolumes, jobLogs, namespace, instance, defaultUser }: Settled
): ObjectSettings {
  const { installation, serviceAccount, serverUser, runtime, data, processLogs } = config
  // A reload can name another folder, which is used after a restart.
  const logFolders = [...new Set([processLogs.folder, ...jobLogs.logFolders()])]
  return {
    namespace,
    instance,
    startSecondsOf: submission => deadlinesOf(config, submission).startMs / 1000,
    expiryHours: config.jobExpiryHours,
    ...podSecurityOf(config, enforcedLevel),
    imageVolumes: imageVolumes.usable(),
    ...defined({
      runtime,
      data: data && apartFromAll(data, logFolders),
      logFolders,
      installation,
      serviceAccount,
      serverUser: serverUser === undefined ? undefined : { insteadOf: defaultUser, name: serverUser }
    })
  }
}

function apartFromAll (data: DataFolder, logFolders: readonly string[]): DataFolder {
  return data.apartFrom === undefined ? data : { ...data, apartFrom: logFolders }
}

export function outputRules ({ config, enforcedLevel, jobLogs }: Settled): OutputRules {
  const { data, processLogs } = config
  const { enforcedLevel: level } = podSecurityOf(config, enforcedLevel)
  return { config: processLogs, problem: jobLogs.problem(), ...defined({ data, enforcedLevel: level }) }
}

/** A level that is set is also the one that counts as enforced, except baseline, which every pod meets by default. */
function podSecurityOf (
  { podSecurity }: KubernetesConfig, enforcedLevel: Settled['enforcedLevel']
): Pick<ObjectSettings, 'podSecurity' | 'enforcedLevel'> {
  const enforced = podSecurity === 'auto' ? enforcedLevel.current() : podSecurity
  if (podSecurity === 'baseline' || enforced === undefined) return { podSecurity: 'baseline' }
  return { podSecurity: enforced, enforcedLevel: enforced }
}

/**
 * Reads the level that the namespace enforces and whether the cluster supports image volumes, if objects and decisions
 * depend on them. Never rejects.
 */
export async function refreshSettings ({ config, enforcedLevel, imageVolumes }: Settled): Promise<void> {
  await Promise.all([config.podSecurity === 'auto' && enforcedLevel.refresh(), imageVolumes.refresh()])
}

/** Builds the objects of a job with the policy for its user. Throws as `objectsOf` of manifests/ does. */
export function jobObjects (parts: Omit<Governed, 'accountExists'>, job: RecordedFields): Objects {
  const subject = { user: job.user, groups: job.groups ?? [] }
  const { folderOf, tokenOf } = parts.jobLogs
  const settings = {
    ...objectSettings(parts),
    ...defined({ processLogs: folderOf(job.id), scriptToken: tokenOf(job.id) })
  }
  return objectsOf(job, manifestPolicy(parts.policyReloader.current().policy, subject), settings)
}

export function rulesOf (parts: Governed): KubernetesRules {
  const { config, namespace, policyReloader, accountExists } = parts
  const { policy } = policyReloader.current()
  const accounts = {
    profiles: policy.profiles,
    namespace,
    defaultAccount: config.serviceAccount,
    exists: accountExists
  }
  return {
    policy,
    strategies: config.strategies,
    settings: objectSettings(parts),
    output: outputRules(parts),
    manifestPolicy: subject => manifestPolicy(policy, subject),
    checkAccount: (requested, subject) => checkServiceAccount(requested, subject, accounts)
  }
}

/** Applies at each start as well: a tag may have got its base after the job was admitted. */
export function manifestPolicy (policy: Policy, subject: Subject): ManifestPolicy {
  return {
    bases: allowedBases(policy, subject),
    tolerations: tolerationsFor(policy, subject),
    overrides: overridesFor(policy, subject),
    runtimeDelivery: runtimeDeliveryFor(policy, subject)
  }
}
