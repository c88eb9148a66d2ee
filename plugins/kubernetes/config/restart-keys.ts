// Lists the changes of the configuration that a reload cannot bring into force. Pure.

import type { KubernetesConfig } from './config.ts'

/** Keys that connections, watches and the place of the jobs were made from. */
const KEYS = {
  'kubernetes-namespace': 'namespace',
  kubeconfig: 'kubeconfig',
  'api-url': 'apiUrl',
  'auth-token-path': 'tokenFile',
  'certificate-authority': 'certificateAuthority',
  'verify-ssl-certs': 'verifyCertificates',
  'watch-timeout-seconds': 'watchTimeoutSeconds',
  'fetch-limit': 'fetchLimit',
  'writes-per-second': 'writesPerSecond'
} as const satisfies Readonly<Record<string, keyof KubernetesConfig>>

/** Keys that differ and count only after a restart. */
export function restartKeys (before: KubernetesConfig, after: KubernetesConfig): string[] {
  return Object.entries(KEYS).filter(([, name]) => before[name] !== after[name]).map(([key]) => key)
}
