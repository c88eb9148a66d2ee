// Turns the reply of a call that failed into the error that the launcher meant.

import { ERRORS, LauncherError, type ErrorCode } from '../errors.ts'

/** `body` is the text of a reply whose `status` is not 2xx; `call` names the call for the message. */
export function problemError (status: number, body: string, call: string): LauncherError {
  const problem = parseProblem(body)
  if (problem === undefined) return strangerError(status, body, call)
  const { type, title, status: _status, detail, code, help, ...details } = problem
  if (Object.hasOwn(ERRORS, code)) return new LauncherError(code as ErrorCode, String(detail ?? title), details)
  return new LauncherError('InternalError', `${code}: ${detail ?? title}`, { ...details, code })
}

/** The error for a reply that no launcher gives. */
export function strangerError (status: number, body: string, call: string): LauncherError {
  return new LauncherError(
    'LauncherUnreachable',
    `what answered ${call} is not a launcher: HTTP status ${status}, ${JSON.stringify(body.slice(0, 200))}`
  )
}

function parseProblem (body: string): Record<string, unknown> & { code: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'code' in parsed && typeof parsed.code === 'string'
      ? parsed as Record<string, unknown> & { code: string }
      : undefined
  } catch {
    return undefined
  }
}
