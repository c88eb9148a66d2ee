// Tells which changes of the configuration a reload cannot bring into force. Pure.

import type { KubernetesConfig } from './keys.ts'

/** What connections, watches and the place of the jobs were made from. */
const KEYS = [
  'kubernetes-namespace', 'kubeconfig', 'api-url', 'auth-token-path', 'certificate-authority', 'verify-ssl-certs',
  'watch-timeout-seconds', 'fetch-limit', 'writes-per-second'
] as const satisfies ReadonlyArray<keyof KubernetesConfig>

/** Keys that differ and count only after a restart. */
export function restartKeys (before: KubernetesConfig, after: KubernetesConfig): string[] {
  return KEYS.filter(key => before[key] !== after[key])
}
