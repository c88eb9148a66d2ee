// Selects the configured access to the API server. Pure.

import { resolve } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import type { AccessConfig } from './config.ts'
import type { CredentialSource } from '../client/access.ts'

/** The folder with the files of a pod's service account. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Returns kubeconfig if it is set, else api-url, else the files that the variable KUBECONFIG lists, else the service
 * account of the launcher's own pod, whose address Kubernetes sets in the environment. Throws ConfInvalid if none of
 * them is available.
 */
export function credentialSource (
  { kubeconfig, context, apiUrl, tokenFile, certificateAuthority, verifyCertificates }: AccessConfig,
  environment: Readonly<Record<string, string | undefined>>
): CredentialSource {
  const ofContext = context === undefined ? {} : { context }
  if (kubeconfig !== undefined) return { kubeconfig, ...ofContext }
  if (apiUrl !== undefined) {
    return {
      apiUrl,
      ...(tokenFile !== undefined && { tokenFile }),
      ...(certificateAuthority !== undefined && { certificateAuthority }),
      verifyCertificates
    }
  }
  const listed = (environment['KUBECONFIG'] ?? '').split(':').filter(file => file !== '')
  if (listed.length > 0) {
    return { kubeconfig: [...new Set(listed.map(file => resolve(file)))], ...ofContext }
  }
  if (context !== undefined) {
    throw new LauncherError(
      'ConfInvalid',
      'kubeconfig-context (Launcher.KubeconfigContext) is set without a kubeconfig: set kubeconfig ' +
      '(Launcher.Kubeconfig) or the environment variable KUBECONFIG, or remove it.',
      { key: 'kubeconfig-context' }
    )
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  if (host !== undefined && host !== '' && port !== undefined && port !== '') {
    return { host, port, folder: SERVICE_ACCOUNT_FOLDER }
  }
  throw new LauncherError(
    'ConfInvalid',
    'No access to the API server is configured: set kubeconfig (Launcher.Kubeconfig), api-url ' +
    '(Launcher.KubernetesApiUrl) or the environment variable KUBECONFIG. Only a launcher in a pod of the cluster ' +
    'needs none of them.',
    { key: 'kubeconfig' }
  )
}
