// Parses a container's log: separates the program's bytes from the times at which it wrote them.
//
// With `timestamps` each line begins with a time and a space. Each container runtime splits long lines at a length of
// its own. Since Kubernetes 1.26 the kubelet joins the pieces and writes only the time of the first (kubernetes#77603,
// fixed by #113481), so a time inside a line is the program's own. A line without a time was written by the kubelet,
// which reports its errors in the stream, or is the rest of a line that began before the time from which the log was
// requested. The kubelet also reports an error at the end of a line that it could not follow any further.

import { kubeletTextStart } from './kubelet-text.ts'

/**
 * A line of a container's log, or a part of a very long one. A log has millions of lines, so one object is reused for
 * all of them.
 */
export interface LogLine {
  /** Buffer and range of the line's time as the node writes it: RFC 3339 with up to nine digits of a second. */
  times: Buffer
  timeStart: number
  timeEnd: number
  /** Buffer and range of the program's bytes, including the newline if the line is complete. */
  bytes: Buffer
  start: number
  end: number
  /** The line continues in the next part, which has the same time. */
  incomplete: boolean
}

export interface LogParser {
  /**
   * Calls `take` with each line that the chunk completes. A line is held back until it is complete or very long. All
   * lines share one reused buffer: a callback may overwrite everything up to the end of its own line, and must not keep
   * references after this returns.
   */
  push (chunk: Uint8Array, take: (line: LogLine) => void): void
  /** Calls `take` with the rest of an incomplete line, after the server has sent the whole log. */
  end (take: (line: LogLine) => void): void
  /** Number of lines that the kubelet wrote. */
  readonly foreign: number
  /** The log ended with an error of the kubelet in the middle of a line, whose rest is missing. Known after `end`. */
  readonly isCut: boolean
}

const NEWLINE = 0x0a
const TO_THE_SECOND = Buffer.from('0000-00-00T00:00:00')
const EAST = Buffer.from('+00:00')
const WEST = Buffer.from('-00:00')
const [DIGIT_0, DIGIT_9, DOT, LETTER_Z, SPACE] = [0x30, 0x39, 0x2e, 0x5a, 0x20]
/** Length of an incomplete line from which on it is emitted in parts. */
const MAX_HELD_BACK = 262_144

const NOTHING = Buffer.alloc(0)
interface LogParserOptions {
  /** The log was followed, so that it may end with an error of the kubelet. A read that follows has what it cut off. */
  readonly followed: boolean
}

/**
 * The buffer in which the current chunk of any log is parsed. New buffers for each chunk would be garbage-collected far
 * too rarely.
 */
let scratch = Buffer.allocUnsafeSlow(131_072)

/** Concatenates both in the scratch buffer. */
function concatenate (one: Buffer, other: Uint8Array): Buffer {
  const length = one.length + other.length
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * length)
  scratch.set(one)
  scratch.set(other, one.length)
  return scratch.subarray(0, length)
}

export function createLogParser ({ followed }: LogParserOptions): LogParser {
  let heldBack: Buffer = NOTHING
  /** Time of an incomplete line of which a part was already emitted. */
  let openTime: Buffer | undefined
  let foreign = 0
  let isCut = false
  const line: LogLine = {
    times: NOTHING,
    timeStart: 0,
    timeEnd: 0,
    bytes: NOTHING,
    start: 0,
    end: 0,
    incomplete: false
  }

  function emit (
    take: (line: LogLine) => void,
    times: Buffer,
    timeStart: number,
    timeEnd: number,
    bytes: Buffer,
    start: number,
    end: number,
    incomplete: boolean
  ): void {
    line.times = times
    line.timeStart = timeStart
    line.timeEnd = timeEnd
    line.bytes = bytes
    line.start = start
    line.end = end
    line.incomplete = incomplete
    take(line)
  }

  /** Emits one line of `all`. `end` is after its newline, or, if `incomplete`, where the line is cut. */
  function emitLine (
    take: (line: LogLine) => void,
    all: Buffer,
    start: number,
    end: number,
    incomplete: boolean
  ): void {
    if (openTime !== undefined) {
      emit(take, openTime, 0, openTime.length, all, start, end, incomplete)
      openTime = undefined
      return
    }
    const timeEnd = endOfTime(all, start)
    if (timeEnd === undefined) foreign += 1
    else emit(take, all, start, timeEnd, all, timeEnd + 1, end, incomplete)
  }

  /** Emits a part of an incomplete line that is very long, to bound the memory. A part without a time is dropped. */
  function emitPart (take: (line: LogLine) => void, all: Buffer, start: number): void {
    if (openTime !== undefined) {
      emit(take, openTime, 0, openTime.length, all, start, all.length, true)
      return
    }
    const timeEnd = endOfTime(all, start)
    if (timeEnd === undefined) return
    openTime = Buffer.from(all.subarray(start, timeEnd))
    emit(take, openTime, 0, openTime.length, all, timeEnd + 1, all.length, true)
  }

  return {
    get foreign () { return foreign },
    get isCut () { return isCut },
    push (chunk, take) {
      const all = concatenate(heldBack, chunk)
      let start = 0
      for (let end = all.indexOf(NEWLINE, heldBack.length); end !== -1; end = all.indexOf(NEWLINE, start)) {
        emitLine(take, all, start, end + 1, false)
        start = end + 1
      }
      if (all.length - start > MAX_HELD_BACK) {
        emitPart(take, all, start)
        start = all.length
      }
      heldBack = start === all.length ? NOTHING : Buffer.from(all.subarray(start))
    },
    end (take) {
      const end = followed ? kubeletTextStart(heldBack, 0, heldBack.length) : heldBack.length
      if (end < heldBack.length) foreign += 1
      isCut = end > 0 && end < heldBack.length
      if (end > 0) emitLine(take, heldBack, 0, end, true)
      heldBack = NOTHING
    }
  }
}

/**
 * Returns the end of the time at `at` that a space follows, or undefined if there is none. A regular expression would
 * need a string for each line.
 */
function endOfTime (bytes: Buffer, at: number): number | undefined {
  if (!isLike(TO_THE_SECOND, bytes, at)) return undefined
  let end = at + TO_THE_SECOND.length
  if (bytes[end] === DOT) {
    const first = end + 1
    for (end = first; end < first + 9 && isDigit(bytes[end]); end++) { /* The digits of a fraction. */ }
    if (end === first) return undefined
  }
  if (bytes[end] === LETTER_Z) end += 1
  else if (isLike(EAST, bytes, end) || isLike(WEST, bytes, end)) end += EAST.length
  else return undefined
  return bytes[end] === SPACE ? end : undefined
}

/** Whether the bytes at `at` match the pattern, in which 0 stands for any digit. */
function isLike (pattern: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const wanted = pattern[index]
    const is = bytes[at + index]
    if (wanted === DIGIT_0 ? !isDigit(is) : is !== wanted) return false
  }
  return true
}

function isDigit (byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9
}
