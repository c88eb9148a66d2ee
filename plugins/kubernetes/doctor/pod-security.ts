// Checks which Pod Security level the namespace of the jobs enforces, and whether the pods of jobs pass it.

import { isLauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import { readPolicyFile } from '../../../launcher/lib/policy-file.ts'
import type { Finding, JobSubmission } from '../../../launcher/plugin.ts'
import { PLACEHOLDER_JOB } from '../admission/check-submission.ts'
import { podOfJob } from '../admission/pod-of-job.ts'
import type { KubeClient } from '../client/client.ts'
import { isForbidden, KubeApiError } from '../client/errors.ts'
import { namespacePath, podsPath } from '../client/paths.ts'
import { quoted } from '../client/server-message.ts'
import type { KubernetesConfig } from '../config/config.ts'
import { ENFORCE_LABEL, levelOfLabel, type PodSecuritySetting } from '../config/pod-security.ts'
import { objectsOf, type ManifestPolicy } from '../manifests/job-objects.ts'
import type { ObjectSettings } from '../objects/settings.ts'
import { allowedBases } from '../policy/bounds.ts'
import { overridesFor, policyLoader } from '../policy/policy.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const CHECK = 'pod-security'
/** Stands for the users of jobs: profiles of single users and groups do not count. */
const ANY_USER = { user: 'doctor', groups: [] }
const NO_BASES: ManifestPolicy = { bases: { Job: [], Service: [] } }

/** The label of the namespace, or why it cannot be read. */
type Enforced = { readonly label: string | undefined } | { readonly unreadable: string }

/** `imageVolumes`: whether jobs get the runtime components of the host in one if runtime-delivery is auto. */
export async function checkPodSecurity (
  client: KubeClient, namespace: string, config: KubernetesConfig, imageVolumes = false
): Promise<Finding> {
  let enforced: Enforced
  try {
    enforced = await readLabel(client, namespace)
  } catch (error) {
    return skippedFinding(CHECK, `The Pod Security level of namespace ${namespace}`, error)
  }
  const pod = await trialPod(namespace, config, enforced, imageVolumes)
  try {
    await client.call({
      method: 'POST', path: podsPath(namespace), query: { dryRun: 'All' }, body: pod, deadlineMs: DEADLINE_MS
    })
  } catch (error) {
    if (!isViolation(error)) {
      return skippedFinding(
        CHECK, `${enforcedText(namespace, config.podSecurity, enforced)} Whether the pods of jobs pass`, error
      )
    }
    return {
      check: CHECK,
      state: 'missing',
      message: `${enforcedText(namespace, config.podSecurity, enforced)} The pods of jobs do not ` +
        `pass${quoted('the server', error.serverMessage)}.`,
      help: violationHelp(config, enforced)
    }
  }
  return passedFinding(namespace, config.podSecurity, enforced)
}

async function readLabel (client: KubeClient, namespace: string): Promise<Enforced> {
  try {
    const { metadata } = await client.call<{ metadata?: { labels?: Record<string, string> } }>({
      method: 'GET', path: namespacePath(namespace), deadlineMs: DEADLINE_MS
    })
    return { label: metadata?.labels?.[ENFORCE_LABEL] }
  } catch (error) {
    if (!isForbidden(error)) throw error
    return { unreadable: quoted('the server', (error as KubeApiError).serverMessage) }
  }
}

/** A pod that has every part that the configuration can add to the pods of jobs. */
async function trialPod (
  namespace: string, config: KubernetesConfig, enforced: Enforced, imageVolumes: boolean
): Promise<object> {
  const submission: JobSubmission = {
    name: 'doctor',
    command: 'true',
    container: { image: 'trial' },
    stdin: 'trial',
    ...(config.data !== undefined && { dataMounts: [{ path: 'trial', mountPath: '/trial', waitForFiles: ['trial'] }] })
  }
  const { podSecurity, runtime, data, serviceAccount, jobExpiryHours: expiryHours } = config
  const settings: ObjectSettings = {
    namespace,
    instance: 'doctor',
    expiryHours,
    imageVolumes,
    podSecurity: podSecurity === 'auto' ? levelOfLabel('label' in enforced ? enforced.label : undefined) : podSecurity,
    ...defined({ runtime, data, serviceAccount })
  }
  const job = { ...PLACEHOLDER_JOB, ...ANY_USER, submission }
  try {
    const policy = await policyLoader(config)(readPolicyFile)
    const manifests = { bases: allowedBases(policy, ANY_USER), overrides: overridesFor(policy, ANY_USER) }
    return podOfJob(objectsOf(job, manifests, settings).job)
  } catch (error) {
    // Another finding lists the problems of the files.
    if (!isLauncherError(error)) throw error
    return podOfJob(objectsOf(job, NO_BASES, settings).job)
  }
}

function isViolation (error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.serverMessage.includes('violates PodSecurity')
}

function enforcedText (namespace: string, setting: PodSecuritySetting, enforced: Enforced): string {
  if ('unreadable' in enforced) {
    return `The Pod Security level of namespace ${namespace} cannot be read${enforced.unreadable}` +
      `${setting === 'auto' ? '; pod-security = auto counts as baseline' : ''}.`
  }
  return enforced.label === undefined
    ? `Namespace ${namespace} has no label with a Pod Security level.`
    : `Namespace ${namespace} enforces the Pod Security level ${enforced.label}.`
}

function passedFinding (namespace: string, setting: PodSecuritySetting, enforced: Enforced): Finding {
  const message = `${enforcedText(namespace, setting, enforced)} The pods of jobs pass (pod-security = ${setting}).`
  if (!('unreadable' in enforced) || setting !== 'auto') return { check: CHECK, state: 'ok', message }
  return {
    check: CHECK,
    state: 'warning',
    message,
    help: 'Grant the right to get the namespace, as in conf-templates/kubernetes-role.yaml, or set pod-security ' +
      '(Launcher.KubernetesPodSecurity) to baseline or restricted.'
  }
}

function violationHelp ({ podSecurity }: KubernetesConfig, enforced: Enforced): string {
  const isRestricted = podSecurity === 'restricted' ||
    (podSecurity === 'auto' && 'label' in enforced && enforced.label === 'restricted')
  return isRestricted
    ? 'Change what the server names: it comes from a base Job (job-base) or the data of the host, which can be a ' +
      'claim (data-dir-pvc-name, Launcher.DataDirPVCName).'
    : 'Set pod-security (Launcher.KubernetesPodSecurity) to restricted, and change what the server still names then.'
}
