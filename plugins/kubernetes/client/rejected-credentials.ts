// Recognizes that the API server does not accept the launcher's credentials. Pure and total.

import { KubeApiError } from './errors.ts'
import { quoted } from './server-message.ts'

export function rejectsCredentials (error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 401
}

/** `error`: one that `rejectsCredentials` accepts. */
export function rejectedCredentials (
  { serverMessage }: KubeApiError
): { readonly message: string, readonly help: string } {
  const words = quoted('Kubernetes', `401 ${serverMessage}`)
  return {
    message: `The API server does not accept the credentials of the launcher${words}.`,
    help: 'The operator renews the token or the certificate that the kubeconfig or auth-token-path ' +
      '(Launcher.KubernetesAuthTokenPath) names; job-launcher doctor checks them. A new file needs no restart.'
  }
}
