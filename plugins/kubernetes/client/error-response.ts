// Parses the error replies of an API server.

import { KubeApiError } from './errors.ts'
import { parseObject } from '../../../launcher/lib/parse-json.ts'
import { shortened } from './server-message.ts'

const MAX_TEXT = 2000

interface Status {
  code?: unknown
  reason?: unknown
  message?: unknown
}

/** Creates the error of a reply. `retryAfter` is the Retry-After header: seconds, or a date. */
export function replyError (
  request: string,
  status: number,
  body: string,
  retryAfter: string | undefined,
  now: number
): KubeApiError {
  const parsed = parseStatus(body)
  const waitMs = retryAfterMs(retryAfter, now)
  if (parsed === undefined) return new KubeApiError(request, status, '', toLine(body), waitMs)
  return new KubeApiError(request, status, text(parsed.reason), toLine(text(parsed.message)), waitMs)
}

/** Creates the error of a Status object that a watch delivered. */
export function eventError (request: string, object: unknown): KubeApiError {
  const status = (object ?? {}) as Status
  return new KubeApiError(
    request,
    typeof status.code === 'number' ? status.code : 500,
    text(status.reason),
    toLine(text(status.message))
  )
}

function parseStatus (body: string): Status | undefined {
  const value = parseObject(body)
  return value?.kind === 'Status' ? value as Status : undefined
}

function retryAfterMs (header: string | undefined, now: number): number | undefined {
  if (header === undefined || header === '') return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function text (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function toLine (message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return 'it gave no reason'
  return shortened(line, MAX_TEXT)
}
