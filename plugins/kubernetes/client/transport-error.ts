// Classifies a failed connection: whether the request can have reached the server, and the error message.

import { systemCode } from '../../../launcher/errors.ts'
import type { Access } from './access.ts'
import { NoAnswerError } from './errors.ts'
import { PROXY_REFUSED, proxyName } from './proxy-error.ts'

/** Codes of failures that occur before a byte of the request is sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  PROXY_REFUSED
])
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|ERR_OSSL_)/

/** Converts an error of the transport into a NoAnswerError. `deadline`: the client's own deadline ended the request. */
export function noAnswer (
  error: unknown, access: Pick<Access, 'server' | 'proxy'>, request: string, deadline: boolean
): NoAnswerError {
  const server = addressOf(access)
  if (deadline) {
    return new NoAnswerError(
      `The API server ${server} did not answer ${request} before the deadline.`,
      'deadline',
      true,
      { cause: error }
    )
  }
  const code = codeOf(error)
  const reason = error instanceof Error && error.message !== '' ? error.message : code
  if (CERTIFICATE.test(code)) {
    return new NoAnswerError(
      `The certificate of the API server ${server} is not trusted: ${reason} (${code}).`,
      'certificate',
      false,
      { cause: error }
    )
  }
  return new NoAnswerError(
    `The API server ${server} did not answer ${request}: ${reason}.`,
    code,
    !NOT_SENT.has(code),
    {
      cause: error
    }
  )
}

/** The address of the API server for messages, with the proxy in front of it. */
export function addressOf ({ server, proxy }: Pick<Access, 'server' | 'proxy'>): string {
  return proxy === undefined ? server : `${server} (through the proxy ${proxyName(proxy)})`
}

function codeOf (error: unknown): string {
  // A host name with several addresses yields one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return systemCode(error) ?? systemCode(first) ?? 'unknown'
}
