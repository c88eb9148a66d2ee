// Takes the new lines from the stream of one log.

import { createLogParser, type LogLine } from './log-parser.ts'
import type { LogPosition } from './log-position.ts'
import type { NewerFiles } from './newer-files.ts'
import type { PassedTimes } from './passed-times.ts'

export interface LogStreamOptions {
  /** The stream goes on until the container has terminated. */
  readonly followed: boolean
  readonly position: LogPosition
  readonly passed: PassedTimes
  readonly newer: NewerFiles
  readonly take: (bytes: Uint8Array) => void
  readonly foreignLines: (lines: number) => void
}

export interface StreamEnd {
  /** The stream has left its file for one beyond those that wait. */
  readonly isLeft: boolean
  /** The stream ended with an error of the kubelet in the middle of a line: the rest of its file is missing. */
  readonly isCut: boolean
}

/**
 * Passes the new bytes to `take`, those that come together in one call. Resolves when the stream has ended, or has left
 * its file. Rejects as the stream, or as `take`.
 */
export async function takeStream (chunks: AsyncIterable<Uint8Array>, options: LogStreamOptions): Promise<StreamEnd> {
  const { followed, position, passed, newer, take, foreignLines } = options
  const parser = createLogParser({ followed })
  /** The last line, while newer files wait: the next line shows whether bytes of another file were joined to it. */
  let pending: LogLine | undefined
  /** Time of the line that shows that the stream has left its file. */
  let beyond: string | undefined

  function takeNew (parse: (take: (line: LogLine) => void) => void): void {
    let buffer: Buffer | undefined
    let length = 0
    let previous = pending
    pending = undefined

    function flush (): void {
      if (buffer !== undefined && length > 0) take(buffer.subarray(0, length))
      length = 0
    }

    /** Joins the new part of the line with those before at the start of their buffer. */
    function accept (line: LogLine): void {
      passed.add(line.times, line.timeStart, line.timeEnd)
      if (!position.take(line)) return
      if (buffer !== line.bytes) flush()
      buffer = line.bytes
      buffer.copyWithin(length, line.start, line.end)
      length += line.end - line.start
    }

    parse(line => {
      if (beyond !== undefined) return
      if (!newer.isWaiting && previous === undefined) return accept(line)
      const time = line.times.toString('latin1', line.timeStart, line.timeEnd)
      if (newer.placeOf(time) === 'beyond') {
        beyond = time
        return
      }
      if (previous !== undefined) accept(previous)
      previous = newer.isWaiting ? { ...line } : undefined
      if (previous === undefined) accept(line)
    })
    flush()
    pending = previous && copyOf(previous)
  }

  function takePending (joinedBytes: number): void {
    const line = pending
    pending = undefined
    if (line === undefined) return
    line.end = Math.max(line.start, line.end - joinedBytes)
    passed.add(line.times, line.timeStart, line.timeEnd)
    if (position.take(line)) take(line.bytes.subarray(line.start, line.end))
  }

  try {
    for await (const chunk of chunks) {
      newer.received(chunk.length)
      takeNew(accept => parser.push(chunk, accept))
      if (beyond === undefined) continue
      takePending(await newer.joinedBytes(beyond))
      return { isLeft: true, isCut: false }
    }
    takeNew(parser.end)
    takePending(0)
    return { isLeft: false, isCut: parser.isCut }
  } finally {
    if (parser.foreign > 0) foreignLines(parser.foreign)
  }
}

/** A copy with buffers of its own. */
function copyOf (line: LogLine): LogLine {
  const times = Buffer.from(line.times.subarray(line.timeStart, line.timeEnd))
  const bytes = Buffer.from(line.bytes.subarray(line.start, line.end))
  return { times, timeStart: 0, timeEnd: times.length, bytes, start: 0, end: bytes.length, incomplete: line.incomplete }
}
