// Says what a failed connection means: whether the request can have reached the server, and in which words.

import { systemCode } from '../../../launcher/errors.ts'
import { NoAnswerError } from './errors.ts'

/** Codes of failures that come before a byte of the request is sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT'
])
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|ERR_OSSL_)/

/** Turns what the transport threw into a NoAnswerError. `deadline` tells that our own deadline cut the request. */
export function noAnswer (error: unknown, server: string, request: string, deadline: boolean): NoAnswerError {
  if (deadline) {
    return new NoAnswerError(
      `The API server ${server} did not answer ${request} before the deadline.`,
      'deadline',
      true,
      { cause: error }
    )
  }
  const code = codeOf(error)
  const said = error instanceof Error && error.message !== '' ? error.message : code
  if (CERTIFICATE.test(code)) {
    return new NoAnswerError(
      `The certificate of the API server ${server} is not trusted: ${said} (${code}).`,
      'certificate',
      false,
      { cause: error }
    )
  }
  return new NoAnswerError(`The API server ${server} did not answer ${request}: ${said}.`, code, !NOT_SENT.has(code), {
    cause: error
  })
}

function codeOf (error: unknown): string {
  // A name with several addresses gives one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return systemCode(error) ?? systemCode(first) ?? 'unknown'
}
