// The configuration of the Kubernetes plugin, converted once from the keys of its conf file to names and units of its
// own.

import { outputSetting, type OutputSetting } from '../../../launcher/plugin-kit/output-limit.ts'
import type { KeyRules } from '../../../launcher/plugin.ts'
import type { Strategies } from '../images/match-strategy.ts'
import { dataFolderOf, type DataFolder } from './data-folder.ts'
import type { KubernetesKeys } from './keys.ts'
import type { PodSecuritySetting } from './pod-security.ts'
import { processLogsOf, type ProcessLogs } from './process-logs.ts'
import { runtimeOf, type RuntimeComponents } from './runtime.ts'

/** The configured access to the API server. `credentialSource` decides which is used. */
export interface AccessConfig {
  readonly kubeconfig?: string | undefined
  /** Name of a context of the kubeconfig. */
  readonly context?: string | undefined
  readonly apiUrl?: string | undefined
  readonly tokenFile?: string | undefined
  /** PEM in base64. */
  readonly certificateAuthority?: string | undefined
  readonly verifyCertificates: boolean
}

/** The policy files of the cluster, and the settings that their checks need. */
export interface PolicyConfig {
  readonly profilesFile?: string | undefined
  readonly resourcesFile?: string | undefined
  readonly definitionFiles?: readonly string[] | undefined
  readonly jobBase?: string | undefined
  readonly serviceBase?: string | undefined
  /** TAG=PATH. */
  readonly tagJobBases?: readonly string[] | undefined
  /** TAG=PATH. */
  readonly tagServiceBases?: readonly string[] | undefined
  /** The runtime components that the host adds to the container of every job. */
  readonly runtime?: RuntimeComponents | undefined
  /** Most output of a job of a user whose profiles have no limit, in MB. 0 is no limit, as if it were missing. */
  readonly outputLimit?: OutputSetting | undefined
}

/** How long a job may take to start. */
export interface StartDeadlines {
  readonly imagePullMs: number
  readonly startMs: number
}

export interface KubernetesConfig extends AccessConfig, PolicyConfig {
  /** Namespace of the jobs. Missing: see `namespaceOf`. */
  readonly namespace?: string | undefined
  /** Namespace of the jobs if neither the configuration nor the kubeconfig names one. */
  readonly defaultNamespace: string
  /** Do not start if the API server cannot be reached at the start. */
  readonly required: boolean
  readonly watchTimeoutSeconds: number
  /** Number of objects in one page of a list. */
  readonly fetchLimit: number
  readonly writesPerSecond?: number | undefined
  readonly jobExpiryHours: number
  /** Replaces the default user's name in labels. */
  readonly serverUser?: string | undefined
  readonly serviceAccount?: string | undefined
  readonly installation?: string | undefined
  readonly podSecurity: PodSecuritySetting
  readonly batchDeadlines: StartDeadlines
  /** The deadlines of jobs that expose ports. */
  readonly interactiveDeadlines: StartDeadlines
  readonly strategies: Strategies
  /** Data of the host whose folders a job can mount. */
  readonly data?: DataFolder | undefined
  readonly processLogs: ProcessLogs
}

export function kubernetesConfigOf (keys: KubernetesKeys, rules: KeyRules): KubernetesConfig {
  checkAccess(keys, rules)
  const data = dataFolderOf(keys, rules)
  return {
    namespace: keys['kubernetes-namespace'],
    defaultNamespace: keys['default-namespace'],
    required: keys.required,
    kubeconfig: keys.kubeconfig,
    context: keys['kubeconfig-context'],
    apiUrl: keys['api-url'],
    tokenFile: keys['auth-token-path'],
    certificateAuthority: keys['certificate-authority'],
    verifyCertificates: keys['verify-ssl-certs'],
    watchTimeoutSeconds: keys['watch-timeout-seconds'],
    fetchLimit: keys['fetch-limit'],
    writesPerSecond: keys['writes-per-second'],
    jobExpiryHours: keys['job-expiry-hours'],
    serverUser: keys['server-user'],
    serviceAccount: keys['default-service-account'],
    installation: keys.installation,
    podSecurity: keys['pod-security'],
    batchDeadlines: {
      imagePullMs: keys['image-pull-deadline-seconds'] * 1000,
      startMs: keys['start-deadline-seconds'] * 1000
    },
    interactiveDeadlines: {
      imagePullMs: keys['interactive-image-pull-deadline-seconds'] * 1000,
      startMs: keys['interactive-start-deadline-seconds'] * 1000
    },
    profilesFile: keys['profile-config'],
    resourcesFile: keys['resource-config'],
    definitionFiles: keys['cluster-definition'],
    strategies: {
      r: keys['r-version-matching'],
      python: keys['python-version-matching'],
      quarto: keys['quarto-version-matching']
    },
    jobBase: keys['job-base'],
    serviceBase: keys['service-base'],
    tagJobBases: keys['tag-job-base'],
    tagServiceBases: keys['tag-service-base'],
    outputLimit: outputSetting(keys, rules),
    runtime: runtimeOf(keys, rules),
    data,
    processLogs: processLogsOf(keys, data, rules)
  }
}

/** The namespace of the jobs. `ofContext`: the namespace of the kubeconfig's context. */
export function namespaceOf (
  { namespace, defaultNamespace }: Pick<KubernetesConfig, 'namespace' | 'defaultNamespace'>, ofContext?: string
): string {
  return namespace ?? ofContext ?? defaultNamespace
}

function checkAccess (keys: KubernetesKeys, { rendered, report, nameOf }: KeyRules): void {
  const apiUrl = nameOf('api-url')
  if (keys.kubeconfig !== undefined && keys['api-url'] !== undefined) {
    report('api-url', `and ${nameOf('kubeconfig')} are both set; set one of them`)
  }
  if (keys['kubeconfig-context'] !== undefined && keys['api-url'] !== undefined) {
    report('kubeconfig-context', `is set with ${apiUrl}, but belongs to a kubeconfig`)
  }
  // A file that was written by hand may contain keys of an access that it does not use.
  if (!rendered) return
  for (const key of ['auth-token-path', 'certificate-authority'] as const) {
    if (keys[key] !== undefined && keys['api-url'] === undefined) {
      report(key, `is set without ${apiUrl}, which it belongs to`)
    }
  }
  if (keys['api-url'] !== undefined && keys['auth-token-path'] === undefined) {
    report('api-url', `is set without ${nameOf('auth-token-path')}, the file of the token`)
  }
}
