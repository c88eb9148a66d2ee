// Parses one line of the launcher's log.

import { parseObject } from '../lib/parse-json.ts'

/**
 * A line of the log: `level` as in pino (30 information, 40 warning, 50 error), `msg`, and the fields of the line.
 */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

const ERROR_LEVEL = 50

/** Converts a line that is not JSON, such as a crash report of Node, to an error line with the text as its message. */
export function parseLogLine (line: string): LogLine {
  const parsed = parseObject(line)
  return parsed !== undefined && 'level' in parsed
    ? { msg: '', ...parsed } as LogLine
    : { level: ERROR_LEVEL, msg: line }
}
