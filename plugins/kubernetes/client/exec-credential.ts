// Gets the credentials for which a kubeconfig refers to a program or to an identity provider.

import type { User } from '@kubernetes/client-node/dist/config_types.js'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { LauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import { withTimeout } from '../../../launcher/lib/with-timeout.ts'

export interface UserCredential {
  readonly authorization?: string
  /** PEM text. */
  readonly cert?: string
  readonly key?: string
  /** Milliseconds since 1970. */
  readonly expiresAt?: number
}

interface HttpOptions {
  headers?: Record<string, string>
  cert?: string
  key?: string
}

const DEADLINE_MS = 30_000
/** A credential is renewed this long before it expires. */
const RENEW_BEFORE_MS = 60_000
const PROVIDER_INTERVAL_MS = 60_000

/** Runs the program that `user.exec` names. Rejects with ClusterUnavailable. */
export async function execCredential (file: string, user: User): Promise<UserCredential> {
  const { exec } = user
  // Programs with the v1 interface require this variable. client-node does not set it.
  const info = {
    name: 'KUBERNETES_EXEC_INFO',
    value: JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, spec: { interactive: false } })
  }
  // Create a new one each time: it caches a credential until that expires, even if the server rejects it.
  const auth = new ExecAuth()
  const userWithInfo = { ...user, exec: { ...exec, env: [...(exec.env ?? []), info] } }
  const options: HttpOptions = {}
  const credential = await attempt(file, `the program ${exec.command}`, async () => {
    await auth.applyAuthentication(userWithInfo, options as never)
    return (auth as unknown as { tokenCache: Record<string, { status?: { expirationTimestamp?: string } }> })
      .tokenCache[user.name]
  })
  const expires = Date.parse(credential?.status?.expirationTimestamp ?? '')
  return { ...credentialOf(options), ...(!Number.isNaN(expires) && { expiresAt: expires - RENEW_BEFORE_MS }) }
}

/** Asks the identity provider of the context's user through client-node. Rejects with ClusterUnavailable. */
export async function providerCredential (file: string, context: string): Promise<UserCredential> {
  const options: HttpOptions = {}
  await attempt(file, 'the auth-provider', async () => {
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    config.loadFromFile(file)
    config.setCurrentContext(context)
    await config.applyToHTTPSOptions(options as never)
  })
  return { ...credentialOf(options), expiresAt: Date.now() + PROVIDER_INTERVAL_MS }
}

function credentialOf ({ headers, cert, key }: HttpOptions): UserCredential {
  return defined({ authorization: headers?.Authorization, cert, key })
}

async function attempt<T> (file: string, subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout(work(), DEADLINE_MS)
  } catch (error) {
    const lastLine = String((error as Error).message)
      .trim()
      .split('\n')
      .at(-1)!
      .slice(0, 300)
    throw new LauncherError(
      'ClusterUnavailable',
      `The kubeconfig ${file} takes the credentials from ${subject}, which returned none: ${lastLine}`,
      { file },
      { cause: error }
    )
  }
}
