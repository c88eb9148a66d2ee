// Writes log lines to a descriptor without blocking and without failing. Drops and counts lines above the limit.

import { constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../errors.ts'

/** A destination of the log. */
export interface LogSink {
  write (line: string): unknown
}

export interface LogStream extends LogSink {
  /** Number of lines dropped since the stream was opened. */
  dropped (): number
  /** Resolves when every line is written, or after `ms` milliseconds. */
  drained (ms: number): Promise<void>
  /** Writes as much as possible at once, for a process that is about to end. */
  flush (): void
}

export interface LogStreamOptions {
  /** Maximum number of bytes that wait to be written. */
  readonly limit?: number
  /** Milliseconds between attempts while the descriptor accepts no data. */
  readonly retryMs?: number
}

const LIMIT = 256 * 1024
const RETRY_MS = 200
const DRAIN_POLL_MS = 10
/** A file write that takes longer means that the file system hangs. */
const HUNG_MS = 1000

const STANDARD_ERROR = 2

/** Returns the line that replaces dropped lines. */
function gapLine (lines: number): Buffer {
  return Buffer.from(
    JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, lines, msg: 'log lines dropped' }) + '\n'
  )
}

/**
 * Lines wait in memory, up to `limit` bytes, while the descriptor accepts no data: the disk is full, or the reader of
 * the pipe does not read. Above the limit, lines are dropped until the waiting ones are written. One line with their
 * number replaces them. Files are written by libuv's threads, because a write to a file may wait for the disk.
 */
export function openLogStream (
  standardError = STANDARD_ERROR,
  { limit = LIMIT, retryMs = RETRY_MS }: LogStreamOptions = {}
): LogStream {
  const isFile = fstatSync(standardError).isFile()
  const descriptor = isFile ? standardError : ownDescriptor(standardError)
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let dropped = 0
  let droppedInGap = 0
  let inFlight: { readonly since: number } | undefined
  let retry: NodeJS.Timeout | undefined

  function writeLine (line: string): boolean {
    const data = Buffer.from(line)
    if (droppedInGap > 0 || waitingBytes + data.length > limit) {
      droppedInGap += 1
      dropped += 1
      return true
    }
    add(data)
    if (retry === undefined) pump()
    return true
  }

  function add (data: Buffer): void {
    waiting.push(data)
    waitingBytes += data.length
  }

  function removeWritten (count: number): void {
    waitingBytes -= count
    while (count > 0) {
      const first = waiting[0]!
      if (first.length > count) waiting[0] = first.subarray(count)
      else waiting.shift()
      count -= Math.min(first.length, count)
    }
    if (waiting.length > 0 || droppedInGap === 0) return
    add(gapLine(droppedInGap))
    droppedInGap = 0
  }

  function scheduleRetry (): void {
    retry ??= setTimeout(() => { retry = undefined; pump() }, retryMs).unref()
  }

  function pump (): void {
    if (isFile) pumpFile()
    else if (!writeAll()) scheduleRetry()
  }

  function pumpFile (): void {
    if (inFlight !== undefined || waiting.length === 0) return
    const current = { since: performance.now() }
    inFlight = current
    waiting = [Buffer.concat(waiting)]
    write(descriptor, waiting[0]!, (error, count) => {
      // `flush` has removed the data of this write.
      if (inFlight !== current) return
      inFlight = undefined
      if (error !== null) return scheduleRetry()
      removeWritten(count)
      pumpFile()
    })
  }

  /** Returns false if the descriptor accepts no data now. */
  function writeAll (): boolean {
    try {
      while (waiting.length > 0) removeWritten(writeSync(descriptor, waiting[0]!))
      return true
    } catch {
      return false
    }
  }

  function flush (): void {
    if (inFlight !== undefined) {
      if (performance.now() - inFlight.since > HUNG_MS) return
      // The thread completes this write before the process ends, possibly after the lines below.
      waitingBytes -= waiting.shift()!.length
      inFlight = undefined
    }
    writeAll()
  }

  return {
    write: writeLine,
    dropped: () => dropped,
    async drained (ms) {
      const until = performance.now() + ms
      while (waiting.length > 0 && performance.now() < until) await delay(DRAIN_POLL_MS)
    },
    flush
  }
}

/**
 * Returns a non-blocking descriptor for the same pipe or terminal, with flags that no other process shares. A socket or
 * another user's pipe cannot be reopened; Node made them non-blocking when it opened process.stderr.
 */
function ownDescriptor (descriptor: number): number {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return descriptor
  }
}
