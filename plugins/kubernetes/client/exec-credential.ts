// Gets the credentials of a user from the program that the kubeconfig names.

import { parse } from 'yaml'
import { LauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import type { Environment } from './access.ts'
import { findProgram, runCredentialProgram } from './credential-program.ts'
import { FieldError } from './field-error.ts'
import { headerValue } from './impersonation.ts'

export interface UserCredential {
  readonly authorization?: string
  /** PEM text. */
  readonly cert?: string
  readonly key?: string
  /** When to get another one, in milliseconds since 1970. */
  readonly expiresAt?: number
}

export interface CredentialProgram {
  /** An absolute path, or a name that PATH is searched for. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly apiVersion: string
  readonly installHint?: string
  /** The cluster, if the program wants to know it. */
  readonly cluster?: object
}

/** A credential is renewed this long before it expires, but at most half of its life. */
const RENEW_BEFORE_MS = 60_000
/** The program does not run again earlier to renew a credential, even if that has expired. */
const MIN_RENEWAL_MS = 5000

/** Rejects with ClusterUnavailable. `file`: the kubeconfig. */
export async function execCredential (
  file: string, program: CredentialProgram, environment: Environment
): Promise<UserCredential> {
  const { command, args, env, apiVersion, installHint, cluster } = program
  try {
    const path = await findProgram(command, environment['PATH'])
    if (path === undefined) {
      throw new FieldError(`it was not found${installHint === undefined ? '' : `. ${printable(installHint)}`}`)
    }
    const info = { kind: 'ExecCredential', apiVersion, spec: { interactive: false, ...defined({ cluster }) } }
    const output = await runCredentialProgram(path, args, {
      ...environment,
      ...env,
      KUBERNETES_EXEC_INFO: JSON.stringify(info)
    })
    return credentialOf(output, apiVersion, Date.now())
  } catch (error) {
    const problem = (error as Error).message.replace(/\.$/, '')
    throw new LauncherError(
      'ClusterUnavailable',
      `The kubeconfig ${file} takes the credentials from the program ${command}, which returned none: ${problem}.`,
      { file },
      {
        cause: error,
        help: 'Run the program by hand as the user of the launcher, in its environment, and correct the program or ' +
          'the kubeconfig; docs/reference/kubeconfig.md describes exec. Jobs are kept and start once it works.'
      }
    )
  }
}

/** When to renew a credential: milliseconds since 1970. */
export function renewalTime (expires: number, now: number): number {
  return Math.max(now + MIN_RENEWAL_MS, expires - Math.min(RENEW_BEFORE_MS, (expires - now) / 2))
}

/** Throws a FieldError that does not quote the output, which may contain a token. */
function credentialOf (output: string, apiVersion: string, now: number): UserCredential {
  const { kind, apiVersion: returned, status } = parseCredential(output)
  if (kind !== 'ExecCredential') throw new FieldError('its output is no ExecCredential: kind is missing or another')
  if (returned !== apiVersion) {
    throw new FieldError(
      `its output has the apiVersion ${textOf(returned) ?? 'none'}, but the kubeconfig has ${apiVersion}`
    )
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = (status ?? {}) as
    Readonly<Record<string, unknown>>
  const [cert, key] = [textOf(clientCertificateData), textOf(clientKeyData)]
  if ((cert === undefined) !== (key === undefined)) {
    throw new FieldError('its output has only one of clientCertificateData and clientKeyData')
  }
  const bearer = textOf(token)
  if (bearer === undefined && cert === undefined) {
    throw new FieldError('its output has neither a token nor a certificate')
  }
  const expires = expirationTimestamp ?? undefined
  const expiresMs = expires instanceof Date ? expires.getTime() : Date.parse(String(expires))
  if (expires !== undefined && Number.isNaN(expiresMs)) throw new FieldError('its expirationTimestamp is no time')
  return defined({
    authorization: bearer === undefined ? undefined : `Bearer ${headerValue('its token', bearer)}`,
    cert,
    key,
    expiresAt: expires === undefined ? undefined : renewalTime(expiresMs, now)
  })
}

function parseCredential (output: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = parse(output)
  } catch {
    parsed = undefined
  }
  if (typeof parsed !== 'object' || parsed === null) throw new FieldError('its output is neither JSON nor YAML')
  return parsed as Readonly<Record<string, unknown>>
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Shows control characters, which could act on a terminal, as their code points. */
function printable (text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll(
    /[\p{Cc}\p{Cf}]/gu,
    character => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
  )
}
