// Turns any failure of a request into problem details (RFC 9457) with a permanent code.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ERRORS, LauncherError, isLauncherError, type ErrorCode } from '../errors.ts'
import { isDiskFull } from '../lib/disk-full.ts'
import { OneOf } from '../lib/one-of.ts'
import { shownWord } from '../lib/shown-value.ts'
import { RETRY_AFTER_SECONDS } from '../jobs/disk.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** Schema of every error reply. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:job-launcher:error: followed by the code.' }),
    title: Type.String({ description: 'The kind of failure. It is the same for every failure with this code.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    code: OneOf(Object.keys(ERRORS) as ErrorCode[], {
      title: 'ErrorCode',
      description: 'Permanent code; docs/reference/errors.md lists them.'
    }),
    detail: Type.String({ description: 'What is wrong, and where.' }),
    help: Type.String({ description: 'What to do.' })
  },
  { title: 'Problem', additionalProperties: true }
)

export function problemOf (error: LauncherError): Record<string, unknown> {
  const { status, title } = error.kind
  return {
    ...error.details,
    type: `urn:job-launcher:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    help: error.help
  }
}

/** Error codes of fastify, mapped to ours. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'InvalidJson',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'InvalidJson',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'InvalidRequest',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BodyTooLarge',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UnsupportedMediaType',
  FST_ERR_CTP_INVALID_TYPE: 'UnsupportedMediaType',
  FST_ERR_BAD_URL: 'InvalidRequest',
  FST_ERR_MAX_PARAM_LENGTH: 'InvalidRequest',
  FST_ERR_ASYNC_CONSTRAINT: 'InvalidRequest'
}

export function launcherErrorOf (error: FastifyError | Error, contentType?: string): LauncherError {
  if (isLauncherError(error)) return error
  const { code, statusCode } = error as FastifyError
  const known = FASTIFY_CODES[code]
  if (known === 'UnsupportedMediaType') {
    return new LauncherError(
      known,
      contentType === undefined
        ? 'The body has no content type.'
        : `The content type ${shownWord(contentType)} is not supported.`,
      {},
      { cause: error }
    )
  }
  if (known !== undefined) return new LauncherError(known, `${error.message}.`, {}, { cause: error })
  if (error instanceof SyntaxError && statusCode === 400) {
    return new LauncherError('InvalidJson', `The body is not JSON: ${error.message}.`, {}, { cause: error })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new LauncherError('InvalidRequest', `${error.message}.`, {}, { cause: error })
  }
  if (isDiskFull(error)) {
    return new LauncherError(
      'StoreUnavailable',
      'The disk of the launcher has no room for what this request writes.',
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
      { cause: error }
    )
  }
  return new LauncherError('InternalError', 'The launcher failed to process this request.', {}, { cause: error })
}

/** Hosts ask for their jobs all the time while a cluster is away, and wait for some while the launcher stops. */
const EXPECTED: readonly ErrorCode[] = ['AdoptionIncomplete', 'ShuttingDown']

export function sendProblem (request: FastifyRequest, reply: FastifyReply, error: FastifyError | Error): FastifyReply {
  const refusal = launcherErrorOf(error, request.headers['content-type'])
  if (refusal.kind.status >= 500 && !EXPECTED.includes(refusal.code)) {
    request.log.error({ err: refusal.cause ?? refusal, code: refusal.code }, 'request failed')
  }
  // Without `connection: close`, Node reads the rest of a rejected body, which lets the client read this reply.
  if (refusal.code === 'BodyTooLarge') reply.removeHeader('connection')
  if (refusal.code === 'Unauthorized') reply.header('connection', 'close').header('www-authenticate', 'Bearer')
  const seconds = refusal.details.retryAfterSeconds
  if (typeof seconds === 'number') reply.header('retry-after', seconds)
  return reply.code(refusal.kind.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problemOf(refusal))
}
