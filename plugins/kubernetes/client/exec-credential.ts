// Gets the credentials that a kubeconfig leaves to a program or to an identity provider.

import type { User } from '@kubernetes/client-node/dist/config_types.js'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { LauncherError } from '../../../launcher/errors.ts'
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
/** A credential is renewed so long before it expires. */
const AHEAD_MS = 60_000
const PROVIDER_EVERY_MS = 60_000

/** Runs the program that `user.exec` names. Rejects with ClusterUnavailable. */
export async function execCredential (file: string, user: User): Promise<UserCredential> {
  const { exec } = user
  // Programs of the v1 interface want to be told of it; client-node does not.
  const info = {
    name: 'KUBERNETES_EXEC_INFO',
    value: JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, spec: { interactive: false } })
  }
  // A new one each time, because it keeps what it got until that has expired, even when the server refuses it.
  const auth = new ExecAuth()
  const told = { ...user, exec: { ...exec, env: [...(exec.env ?? []), info] } }
  const options: HttpOptions = {}
  const credential = await attempt(file, `the program ${exec.command}`, async () => {
    await auth.applyAuthentication(told, options as never)
    return (auth as unknown as { tokenCache: Record<string, { status?: { expirationTimestamp?: string } }> })
      .tokenCache[user.name]
  })
  const expires = Date.parse(credential?.status?.expirationTimestamp ?? '')
  return { ...taken(options), ...(!Number.isNaN(expires) && { expiresAt: expires - AHEAD_MS }) }
}

/** Asks the identity provider of the context's user, by way of client-node. Rejects with ClusterUnavailable. */
export async function providerCredential (file: string, context: string): Promise<UserCredential> {
  const options: HttpOptions = {}
  await attempt(file, 'the auth-provider', async () => {
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    config.loadFromFile(file)
    config.setCurrentContext(context)
    await config.applyToHTTPSOptions(options as never)
  })
  return { ...taken(options), expiresAt: Date.now() + PROVIDER_EVERY_MS }
}

function taken ({ headers, cert, key }: HttpOptions): UserCredential {
  const authorization = headers?.Authorization
  return {
    ...(authorization !== undefined && { authorization }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key })
  }
}

async function attempt<T> (file: string, subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout(work(), DEADLINE_MS)
  } catch (error) {
    const said = String((error as Error).message)
      .trim()
      .split('\n')
      .at(-1)!
      .slice(0, 300)
    throw new LauncherError(
      'ClusterUnavailable',
      `The kubeconfig ${file} leaves the credentials to ${subject}, which gave none: ${said}`,
      { file },
      { cause: error }
    )
  }
}
