// Reads the access to an API server from its address, a token file and a certificate authority.

import { LauncherError } from '../../../launcher/errors.ts'
import { checkedApiUrl } from './api-url.ts'
import { chooseProxy } from './choose-proxy.ts'
import { readCredentialFile } from './credential-file.ts'
import { FieldError } from './field-error.ts'
import { headerValue } from './impersonation.ts'
import { systemCertificates } from './system-certificates.ts'
import type { CredentialSource, Environment, Reading } from './access.ts'

type ApiSource = Extract<CredentialSource, { apiUrl: string }>

/**
 * Rejects with ConfInvalid if the address or the authority is not valid, with FileNotReadable if a file is missing.
 */
export async function readApiAccess ({
  apiUrl,
  tokenFile,
  certificateAuthority,
  verifyCertificates
}: ApiSource, environment: Environment): Promise<Reading> {
  const server = checkedApiUrl(apiUrl)
  const proxy = chooseProxy(server, environment)
  const caFile = certificateAuthority?.startsWith('/') ? certificateAuthority : undefined
  const found = tokenFile === undefined ? undefined : (await readCredentialFile(tokenFile)).trim()
  if (found === '') throw new LauncherError('ConfInvalid', `The token file ${tokenFile} is empty.`, { file: tokenFile })
  const token = found && orInvalid('auth-token-path', () => headerValue(`the token in ${tokenFile}`, found))
  const ownCa =
    caFile === undefined ? decodeAuthority(certificateAuthority) : certificate(await readCredentialFile(caFile), caFile)
  const needsSystem = ownCa === undefined && verifyCertificates && server.startsWith('https:')
  const ca = needsSystem ? await systemCertificates(environment) : ownCa
  return {
    access: {
      server,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      tls: { ...(ca !== undefined && { ca }), rejectUnauthorized: verifyCertificates },
      ...(proxy !== undefined && { proxy })
    },
    files: [tokenFile, caFile].filter(file => file !== undefined)
  }
}

function decodeAuthority (authority: string | undefined): string | undefined {
  if (authority === undefined || authority === '') return undefined
  return certificate(Buffer.from(authority, 'base64').toString('utf8'), 'certificate-authority')
}

function certificate (text: string, where: string): string {
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new LauncherError('ConfInvalid', `${where} contains no PEM certificate.`, {
    key: 'certificate-authority',
    where
  })
}

/** Makes a LauncherError of a FieldError of the work. */
function orInvalid<T> (key: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof FieldError)) throw error
    throw new LauncherError('ConfInvalid', `The access to Kubernetes cannot be used: ${error.message}.`, { key })
  }
}
