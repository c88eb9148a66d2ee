// Parses the single line that a supervised launcher writes to standard output: it is ready, or it cannot start.

import { ERRORS, LauncherError, type ErrorCode } from '../errors.ts'
import { parseObject } from '../lib/parse-json.ts'
import type { ReadyLine } from '../model/ready-line.ts'

/** Returns the ready line. Throws the LauncherError of a failed line. Returns undefined for any other line. */
export function parseReadyLine (line: string): ReadyLine | undefined {
  const parsed = parseObject(line)
  if (parsed?.event === 'ready') return parsed as unknown as ReadyLine
  if (parsed?.event !== 'failed') return undefined
  const { event, code, message, help, ...details } = parsed
  const known = Object.hasOwn(ERRORS, String(code)) ? code as ErrorCode : 'LauncherExited'
  throw new LauncherError(known, String(message), details)
}
