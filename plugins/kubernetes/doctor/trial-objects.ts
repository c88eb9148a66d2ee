// Builds the small job with which doctor checks process logs: like a job of any user, with the operator's policy.

import { isLauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import type { Job } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import type { KubernetesConfig } from '../config/config.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import { createEnforcedLevel } from '../lifecycle/enforced-level.ts'
import { objectsOf, type ManifestPolicy, type Objects } from '../manifests/job-objects.ts'
import { allowedBases } from '../policy/bounds.ts'
import { overridesFor, tolerationsFor, type Policy } from '../policy/policy.ts'

/** Stands for the users of jobs, as in pod-security.ts. */
const ANY_USER = { user: 'doctor', groups: [] }

/** An image that jobs of every user may have. */
export function trialImage (policy: Policy | undefined): string | undefined {
  if (policy === undefined) return undefined
  const { user, groups } = ANY_USER
  return policy.profiles.valueOf('default-container-image', user, groups)?.value ??
    policy.images.find(({ matching }) => matching === 'any')?.name ??
    policy.profiles.valueOf('container-images', user, groups)?.value[0]
}

export function trialJob (image: string, token: string): Job {
  const submission = { name: 'doctor', command: `printf %s ${token}`, container: { image } }
  return {
    id: `doctor-${token}`,
    ...ANY_USER,
    cluster: '',
    submission,
    submissionTime: Date.now(),
    status: 'Pending',
    revision: 0,
    lastUpdateTime: 0,
    submittedToBackend: true
  }
}

interface TrialSettings {
  readonly config: KubernetesConfig
  readonly namespace: string
  readonly podSecurity: PodSecurityLevel
  /** Undefined if the files of the policy have problems, which another finding lists. */
  readonly policy: Policy | undefined
}

/** `processLogs` is the folder of the job, relative to the data. */
export function trialObjects (
  job: Job, { config, namespace, podSecurity, policy }: TrialSettings, processLogs: string
): Objects {
  const { data, serviceAccount, jobExpiryHours: expiryHours } = config
  const settings = {
    namespace, instance: 'doctor', expiryHours, podSecurity, processLogs, ...defined({ data, serviceAccount })
  }
  const none: ManifestPolicy = { bases: { Job: [], Service: [] } }
  if (policy === undefined) return objectsOf(job, none, settings)
  try {
    const tolerations = tolerationsFor(policy, ANY_USER)
    const overrides = overridesFor(policy, ANY_USER)
    return objectsOf(job, { bases: allowedBases(policy, ANY_USER), overrides, tolerations }, settings)
  } catch (error) {
    // Another finding lists the problems of the files.
    if (!isLauncherError(error)) throw error
    return objectsOf(job, none, settings)
  }
}

/** The level that jobs get now, and the one that counts as enforced, as in rules.ts. Never rejects. */
export async function trialPodSecurity (
  client: Calls, namespace: string, { podSecurity: set }: KubernetesConfig
): Promise<{ readonly podSecurity: PodSecurityLevel, readonly enforcedLevel?: PodSecurityLevel }> {
  const reader = createEnforcedLevel(client, namespace)
  if (set === 'auto') await reader.refresh()
  const level = set === 'auto' ? reader.current() : set
  return set === 'baseline' || level === undefined
    ? { podSecurity: 'baseline' }
    : { podSecurity: level, enforcedLevel: level }
}
