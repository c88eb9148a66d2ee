// The launcher's log: JSON lines on standard error, secrets redacted, written at once so that a crash loses none.

import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

/** Paths whose values never reach a log, whoever logs them. */
export const REDACTED = [
  'authorization', 'key', 'secrets', 'stdin', 'environment',
  '*.authorization', '*.key', '*.secrets', '*.stdin', '*.environment',
  '*.submission.secrets', '*.submission.stdin', '*.submission.environment',
  'headers.authorization', '*.headers.authorization'
]

export function createLogger (
  level: string,
  options: { pretty: boolean; colors: boolean; destination?: NodeJS.WritableStream }
): Logger {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true })
  const stream = options.pretty
    ? pretty({ destination, sync: true, colorize: options.colors, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
    : destination
  return pino({ level, redact: REDACTED, base: { pid: process.pid } }, stream as pino.DestinationStream)
}
