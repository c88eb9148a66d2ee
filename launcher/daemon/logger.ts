// The launcher's log: JSON lines, or text for people, with secrets redacted. Only a defect has a stack.

import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import { isLauncherError, RetryableError, type LauncherError } from '../errors.ts'
import { SECRET_FIELDS } from '../model/secret-fields.ts'
import type { LogSink } from './log-stream.ts'

/** Paths whose values never reach a log. */
const REDACTED = ['', '*.', '*.submission.', 'headers.', '*.headers.'].flatMap(
  parent => SECRET_FIELDS.map(name => `${parent}${name}`)
)

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
  return pino(
    { level, redact: REDACTED, base: { pid: process.pid }, serializers: { err: loggedError } },
    stream as pino.DestinationStream
  )
}

/** An expected failure is that of an operator, a client or a cluster: its code, message and details say all. */
function loggedError (error: unknown): unknown {
  const logged: unknown = pino.stdSerializers.err(error as Error)
  const isExpected = error instanceof RetryableError || (isLauncherError(error) && error.code !== 'InternalError')
  if (!isExpected) return logged
  const { stack: _, ...rest } = logged as Record<string, unknown>
  return saysItsCause(error) ? { ...rest, message: error.message } : rest
}

/** The serializer adds the messages of the causes, also to a message that already has them. */
function saysItsCause (error: LauncherError | RetryableError): boolean {
  return isLauncherError(error) || (error.cause instanceof Error && error.message.includes(error.cause.message))
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
