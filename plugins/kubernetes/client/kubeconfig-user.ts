// Decides how the user of a kubeconfig proves who it is, by the rules of kubectl. Pure.

import { dirname, resolve } from 'node:path'
import { AUTH_PROVIDERS } from './auth-provider.ts'
import type { CredentialProgram } from './exec-credential.ts'
import { FieldError } from './field-error.ts'
import { headerValue } from './impersonation.ts'
import type { AuthProvider, KubeconfigCluster, KubeconfigExec, KubeconfigUser } from './kubeconfig-values.ts'

/** Data as text, or the absolute path of a file that has it. */
export type Part = { readonly text: string } | { readonly file: string }

export interface UserAccess {
  readonly certificate?: { readonly cert: Part, readonly key: Part }
  readonly token?: string
  /** Its content has precedence over the token. */
  readonly tokenFile?: string
  /** The value of the header for a user name with a password. */
  readonly basic?: string
  readonly provider?: AuthProvider
  /** Present only if nothing else of the entry identifies the user. */
  readonly exec?: KubeconfigExec
}

/** `file`: the kubeconfig of the entry. Throws a FieldError that names the field and what to do. */
export function userAccess (file: string, user: KubeconfigUser): UserAccess {
  const { token, username, password, exec, 'auth-provider': provider } = user
  const inFolder = (path: string): string => resolve(dirname(file), path)
  const tokenFile = user.tokenFile ?? user['token-file']
  if ((token !== undefined || tokenFile !== undefined) && (username !== undefined || password !== undefined)) {
    throw new FieldError('it has both a token and a user name with a password; remove one of them')
  }
  if (exec !== undefined && provider !== undefined) {
    throw new FieldError('it has both exec and auth-provider; remove one of them')
  }
  if (exec !== undefined) checkExec(exec)
  if (provider !== undefined && !AUTH_PROVIDERS.some(name => name === provider.name)) {
    throw new FieldError(
      `the auth-provider ${provider.name ?? 'without a name'} is not supported; use exec, with the provider's program`
    )
  }
  const certificate = certificateOf(user, inFolder)
  const identified = token ?? tokenFile ?? username ?? certificate
  return {
    ...(certificate !== undefined && { certificate }),
    ...(token !== undefined && { token: headerValue('token', token) }),
    ...(tokenFile !== undefined && { tokenFile: inFolder(tokenFile) }),
    ...(username !== undefined && {
      basic: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
    }),
    ...(provider !== undefined && { provider }),
    ...(exec !== undefined && identified === undefined && { exec })
  }
}

/** `authorityData`: PEM text. `server`: as the launcher uses it. */
export function programOf (
  file: string, exec: KubeconfigExec, cluster: KubeconfigCluster, server: string, authorityData: string | undefined
): CredentialProgram {
  const { command, args = [], env = [], apiVersion, installHint, provideClusterInfo } = exec
  const config = cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
  return {
    command: command!.includes('/') ? resolve(dirname(file), command!) : command!,
    args,
    env: Object.fromEntries(env.map(({ name, value }) => [name, value ?? ''])),
    apiVersion: apiVersion!,
    ...(installHint !== undefined && { installHint }),
    ...(provideClusterInfo && {
      cluster: {
        server,
        'tls-server-name': cluster['tls-server-name'],
        'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
        ...(authorityData !== undefined && {
          'certificate-authority-data': Buffer.from(authorityData).toString('base64')
        }),
        'proxy-url': cluster['proxy-url'],
        'disable-compression': cluster['disable-compression'],
        config: config ?? null
      }
    })
  }
}

function certificateOf (user: KubeconfigUser, inFolder: (path: string) => string): UserAccess['certificate'] {
  const part = (field: 'client-certificate' | 'client-key'): Part | undefined => {
    const [path, text] = [user[field], user[`${field}-data`]]
    if (path !== undefined && text !== undefined) throw new FieldError(bothGiven(field))
    return text !== undefined ? { text } : path !== undefined ? { file: inFolder(path) } : undefined
  }
  const cert = part('client-certificate')
  // kubectl ignores a key without a certificate.
  if (cert === undefined) return undefined
  const key = part('client-key')
  if (key === undefined) throw new FieldError('it has a client-certificate without its client-key or client-key-data')
  return { cert, key }
}

export function bothGiven (field: string): string {
  return `it has both ${field} and ${field}-data; remove one of them`
}

function checkExec ({ command, apiVersion, env = [], interactiveMode }: KubeconfigExec): void {
  const group = 'client.authentication.k8s.io'
  if (command === undefined) throw new FieldError('exec has no command')
  if (apiVersion !== `${group}/v1` && apiVersion !== `${group}/v1beta1`) {
    throw new FieldError(
      `the apiVersion of exec is ${apiVersion ?? 'missing'}; set it to the one that the program returns, ${group}/v1 ` +
      `or ${group}/v1beta1`
    )
  }
  if (env.some(({ name }) => name === undefined)) throw new FieldError('a variable in env of exec has no name')
  switch (interactiveMode) {
    case 'Never':
    case 'IfAvailable':
      return
    case 'Always':
      throw new FieldError(
        'interactiveMode of exec is Always, but the launcher has no terminal; use a program that needs none, with ' +
        'interactiveMode Never'
      )
    case undefined:
      if (apiVersion === `${group}/v1beta1`) return
      throw new FieldError('interactiveMode of exec is missing; set it to Never')
    default:
      throw new FieldError(`interactiveMode of exec is ${interactiveMode}; set it to Never`)
  }
}
