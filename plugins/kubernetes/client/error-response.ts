// Reads the error replies of an API server.

import { KubeApiError } from './errors.ts'

const MAX_TEXT = 2000

interface Status {
  kind?: unknown
  code?: unknown
  reason?: unknown
  message?: unknown
  details?: { retryAfterSeconds?: unknown }
}

/** Makes the error of a reply. `retryAfter` is the header of that name: seconds, or a date. */
export function replyError (
  request: string,
  status: number,
  body: string,
  retryAfter: string | undefined,
  now: number
): KubeApiError {
  const said = statusOf(body)
  const waitMs = retryAfterMs(retryAfter, now)
  if (said === undefined) return new KubeApiError(request, status, '', plain(body), waitMs)
  return new KubeApiError(request, status, text(said.reason), plain(text(said.message)), waitMs)
}

/** Makes the error of a Status object that came inside a watch. */
export function eventError (request: string, object: unknown): KubeApiError {
  const said = (object ?? {}) as Status
  return new KubeApiError(
    request,
    typeof said.code === 'number' ? said.code : 500,
    text(said.reason),
    plain(text(said.message))
  )
}

function statusOf (body: string): Status | undefined {
  try {
    const value = JSON.parse(body) as Status | null
    return value?.kind === 'Status' ? value : undefined
  } catch {
    return undefined
  }
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

function plain (message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return 'it gave no reason'
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line
}
