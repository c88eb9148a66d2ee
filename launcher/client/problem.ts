// Converts the reply of a failed call to the launcher's error.

import { ERRORS, LauncherError, type ErrorCode, type ErrorDetails } from '../errors.ts'
import { parseObject } from '../lib/parse-json.ts'

/** `body` is the text of a reply whose `status` is not 2xx. `call` names the call in the message. */
export function problemError (status: number, body: string, call: string): LauncherError {
  const problem = parseProblem(body)
  if (problem === undefined) return notALauncherError(status, body, call)
  const { type: _type, title, status: _status, detail, code, help, ...rest } = problem
  const details = rest as ErrorDetails
  if (Object.hasOwn(ERRORS, code)) {
    const given = typeof help === 'string' ? { help } : {}
    return new LauncherError(code as ErrorCode, String(detail ?? title), details, given)
  }
  return new LauncherError('InternalError', `${code}: ${detail ?? title}`, { ...details, unknownCode: code })
}

/** Returns the error for a reply that does not come from a launcher. */
export function notALauncherError (status: number, body: string, call: string): LauncherError {
  return new LauncherError(
    'LauncherUnreachable',
    `the server that answered ${call} is not a launcher: HTTP status ${status}, ${JSON.stringify(body.slice(0, 200))}`
  )
}

function parseProblem (body: string): Record<string, unknown> & { code: string } | undefined {
  const parsed = parseObject(body)
  return typeof parsed?.code === 'string' ? parsed as Record<string, unknown> & { code: string } : undefined
}
