// Lists the changed configuration keys that take effect only after a restart. Pure.

import type { KubernetesConfig } from './config.ts'

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

/** Returns the keys that differ and take effect only after a restart. */
export function restartKeys (before: KubernetesConfig, after: KubernetesConfig): string[] {
  return Object.entries(KEYS).filter(([, name]) => before[name] !== after[name]).map(([key]) => key)
}
