// Lists the changed configuration keys that take effect only after a restart. Pure.

import type { KubernetesConfig } from './config.ts'
import type { ProcessLogs } from './process-logs.ts'

/** Keys from which connections, watches and the namespace of the jobs were created. */
const KEYS = {
  'kubernetes-namespace': 'namespace',
  'default-namespace': 'defaultNamespace',
  kubeconfig: 'kubeconfig',
  'api-url': 'apiUrl',
  'auth-token-path': 'tokenFile',
  'certificate-authority': 'certificateAuthority',
  'verify-ssl-certs': 'verifyCertificates',
  'kubeconfig-context': 'context',
  'watch-timeout-seconds': 'watchTimeoutSeconds',
  'fetch-limit': 'fetchLimit',
  'writes-per-second': 'writesPerSecond'
} as const satisfies Readonly<Record<string, keyof KubernetesConfig>>

/** Keys of the process logs, whose folders are noted by the jobs that have them. */
const PROCESS_LOGS_KEYS = {
  output: 'mode',
  'data-dir-path': 'dataPath',
  'log-dir': 'folder'
} as const satisfies Readonly<Record<string, keyof ProcessLogs>>

/** Returns the keys that differ and take effect only after a restart. */
export function restartKeys (before: KubernetesConfig, after: KubernetesConfig): string[] {
  return [
    ...Object.entries(KEYS).filter(([, name]) => before[name] !== after[name]),
    ...Object.entries(PROCESS_LOGS_KEYS).filter(([, name]) => before.processLogs[name] !== after.processLogs[name])
  ].map(([key]) => key)
}
