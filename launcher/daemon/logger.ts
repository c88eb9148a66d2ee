// The launcher's log: JSON lines, or text for people, with secrets redacted.

import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogSink } from './log-stream.ts'

/** Paths whose values never reach a log. */
const REDACTED = [
  'authorization', 'key', 'secrets', 'stdin', 'environment',
  '*.authorization', '*.key', '*.secrets', '*.stdin', '*.environment',
  '*.submission.secrets', '*.submission.stdin', '*.submission.environment',
  'headers.authorization', '*.headers.authorization'
]

export function createLogger (
  level: string,
  { destination, ...options }: { pretty: boolean; colors: boolean; destination: LogSink }
): Logger {
  const stream = options.pretty
    ? pretty({
      destination: streamTo(destination),
      sync: true,
      colorize: options.colors,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss'
    })
    : destination
  return pino({ level, redact: REDACTED, base: { pid: process.pid } }, stream as pino.DestinationStream)
}

function streamTo (destination: LogSink): Writable {
  return new Writable({
    decodeStrings: false,
    write (line: string, _encoding, done) {
      destination.write(line)
      done()
    }
  })
}
