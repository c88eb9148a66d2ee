// Gets the credentials of a user from an identity provider, through client-node.
//
// Its entry file costs 55 MB of memory and 0.7 s of CPU, so it is loaded only for a user with an `auth-provider`.

import { LauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import { withTimeout } from '../../../launcher/lib/with-timeout.ts'
import type { UserCredential } from './exec-credential.ts'
import type { AuthProvider } from './kubeconfig-values.ts'

/** The providers that client-node supports. kubectl supports only the first. */
export const AUTH_PROVIDERS = ['oidc', 'gcp', 'azure'] as const

const DEADLINE_MS = 30_000
const INTERVAL_MS = 60_000

/** Rejects with ClusterUnavailable. `file`: the kubeconfig. */
export async function providerCredential (file: string, provider: AuthProvider): Promise<UserCredential> {
  try {
    const options: { headers?: Record<string, string>, cert?: string, key?: string } = {}
    await withTimeout(apply(provider, options), DEADLINE_MS)
    const { headers, cert, key } = options
    return { ...defined({ authorization: headers?.['Authorization'], cert, key }), expiresAt: Date.now() + INTERVAL_MS }
  } catch (error) {
    const lastLine = String((error as Error).message).trim().split('\n').at(-1)!.slice(0, 300).replace(/\.$/, '')
    throw new LauncherError(
      'ClusterUnavailable',
      `The kubeconfig ${file} takes the credentials from the auth-provider ${provider.name}, which returned none: ` +
      `${lastLine}.`,
      { file },
      {
        cause: error,
        help: 'Log in with the provider again, or correct auth-provider in the kubeconfig; ' +
          'docs/reference/kubeconfig.md describes it. Jobs are kept and start once it works.'
      }
    )
  }
}

async function apply (provider: AuthProvider, options: object): Promise<void> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://localhost' } }],
    users: [{ name: 'u', user: { 'auth-provider': provider } }]
  }))
  await config.applyToHTTPSOptions(options as never)
}
