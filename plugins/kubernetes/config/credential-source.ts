// Decides which access to the API server the configuration asks for. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import type { AccessConfig } from './config.ts'
import type { CredentialSource } from '../client/access.ts'

/** Where a pod finds the files of its service account. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * kubeconfig, or else api-url, or else the service account of the pod that the launcher runs in, which Kubernetes names
 * in its environment. Throws ConfInvalid if there is none of them.
 */
export function credentialSource (
  { kubeconfig, apiUrl, tokenFile, certificateAuthority, verifyCertificates }: AccessConfig,
  environment: Readonly<Record<string, string | undefined>>
): CredentialSource {
  if (kubeconfig !== undefined) return { kubeconfig }
  if (apiUrl !== undefined) {
    return {
      apiUrl,
      ...(tokenFile !== undefined && { tokenFile }),
      ...(certificateAuthority !== undefined && { certificateAuthority }),
      verifyCertificates
    }
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  if (host !== undefined && host !== '' && port !== undefined && port !== '') {
    return { host, port, folder: SERVICE_ACCOUNT_FOLDER }
  }
  throw new LauncherError(
    'ConfInvalid',
    'Nothing says where the API server is: give kubeconfig (Launcher.Kubeconfig) or api-url ' +
    '(Launcher.KubernetesApiUrl); only in a pod of the cluster neither is needed.',
    { key: 'kubeconfig' }
  )
}
