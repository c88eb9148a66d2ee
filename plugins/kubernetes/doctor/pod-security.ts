// Checks which Pod Security level the namespace of the jobs enforces, and whether the pods of jobs pass it.

import { isLauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import { readPolicyFile } from '../../../launcher/lib/policy-file.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import type { Finding, JobSubmission } from '../../../launcher/plugin.ts'
import { PLACEHOLDER_JOB } from '../admission/check-submission.ts'
import { podOfJob } from '../objects/pod-of-job.ts'
import type { KubeClient } from '../client/client.ts'
import { dryRun } from '../client/dry-run.ts'
import { isForbidden, isQuota, KubeApiError } from '../client/errors.ts'
import { lacksRight } from '../client/missing-right.ts'
import { namespacePath, podsPath } from '../client/paths.ts'
import { quoted, quotedRule } from '../client/server-message.ts'
import type { KubernetesConfig } from '../config/config.ts'
import { ENFORCE_LABEL, levelOfLabel, type PodSecuritySetting } from '../config/pod-security.ts'
import { objectsOf, type ManifestPolicy } from '../manifests/job-objects.ts'
import type { ObjectSettings } from '../objects/settings.ts'
import { allowedBases } from '../policy/bounds.ts'
import { overridesFor, policyLoader, type Policy } from '../policy/policy.ts'
import { admissionRefusalOf } from '../state/admission-refusal.ts'
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
  const policy = await policyOf(config)
  const pod = (publishedPort?: number) =>
    trialPod(namespace, config, enforced, imageVolumes, policy, publishedPort)
  const level = enforcedText(namespace, config.podSecurity, enforced)
  try {
    const violation = await tryPod(pod())
    if (violation !== undefined) {
      return {
        check: CHECK,
        state: 'missing',
        message: `${level} The pods of jobs do not pass${quoted('the server', violation)}.`,
        help: violationHelp(config, enforced, violation)
      }
    }
    const ports = policy?.profiles.every('published-ports').find(({ value }) => value.length > 0)
    const refused = ports && await tryPod(pod(ports.value[0]!.from))
    if (refused !== undefined) return portFinding(level, ports!, refused)
  } catch (error) {
    return refusalFinding(level, namespace, error) ??
      skippedFinding(CHECK, `${level} Whether the pods of jobs pass`, error)
  }
  return passedFinding(namespace, config.podSecurity, enforced)

  /** Resolves with the server's words if the level forbids the pod. */
  async function tryPod (body: object): Promise<string | undefined> {
    try {
      await dryRun(client, podsPath(namespace), body, DEADLINE_MS)
    } catch (error) {
      if (!isViolation(error)) throw error
      return error.serverMessage
    }
  }
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

/** Returns undefined if the files of the policy have problems, which another finding lists. */
export async function policyOf (config: KubernetesConfig): Promise<Policy | undefined> {
  try {
    return await policyLoader(config)(readPolicyFile)
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return undefined
  }
}

/** A pod that has every part that the configuration can add to the pods of jobs, and the published port. */
function trialPod (
  namespace: string,
  config: KubernetesConfig,
  enforced: Enforced,
  imageVolumes: boolean,
  policy: Policy | undefined,
  publishedPort?: number
): object {
  const submission: JobSubmission = {
    name: 'doctor',
    command: 'true',
    container: { image: 'trial' },
    stdin: 'trial',
    ...(publishedPort !== undefined && { exposedPorts: [{ targetPort: publishedPort, publishedPort }] }),
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
  const manifests = policy === undefined
    ? NO_BASES
    : { bases: allowedBases(policy, ANY_USER), overrides: overridesFor(policy, ANY_USER) }
  try {
    return podOfJob(objectsOf(job, manifests, settings).job)
  } catch (error) {
    // Another finding lists the problems of the files.
    if (!isLauncherError(error)) throw error
    return podOfJob(objectsOf(job, NO_BASES, settings).job)
  }
}

/**
 * Returns undefined if no rule refuses the pod. The trial has no limits and an image of its own, so a rule may let the
 * pods of jobs pass.
 */
function refusalFinding (level: string, namespace: string, error: unknown): Finding | undefined {
  if (!(error instanceof KubeApiError) || lacksRight(error) || isQuota(error)) return undefined
  const { serverMessage } = error
  const refusal = admissionRefusalOf(serverMessage, namespace)
  const words = quotedRule('the server', serverMessage)
  return refusal && {
    check: CHECK,
    state: 'warning',
    message: `${level} The cluster refuses a pod without limits: ${refusal.why}${words}.`,
    help: 'Change the rule, unless all jobs meet it. The profiles can give each job limits, such as default-mem-mb.'
  }
}

function portFinding (level: string, { file, line }: ProfileValue<unknown>, words: string): Finding {
  return {
    check: CHECK,
    state: 'warning',
    message: `${level} The pods of jobs pass, but not with a published port, which ${file} line ${line} ` +
      `allows${quoted('the server', words)}.`,
    help: 'Remove published-ports from the profiles: such jobs are refused. Programs in the cluster reach a job ' +
      'through its Service.'
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

function violationHelp ({ podSecurity, data }: KubernetesConfig, enforced: Enforced, violation: string): string {
  if (data?.source.hostPath !== undefined && /hostPath/i.test(violation)) {
    return 'Set data-dir-pvc-name (Launcher.DataDirPVCName) in place of data-dir (Launcher.DataDir), which is a ' +
      'folder of the node. Change what else the server names.'
  }
  const isRestricted = podSecurity === 'restricted' ||
    (podSecurity === 'auto' && 'label' in enforced && enforced.label === 'restricted')
  return isRestricted
    ? 'Change what the server names: it comes from a base Job (job-base) or the data of the host, which can be a ' +
      'claim (data-dir-pvc-name, Launcher.DataDirPVCName).'
    : 'Set pod-security (Launcher.KubernetesPodSecurity) to restricted, and change what the server still names then.'
}
