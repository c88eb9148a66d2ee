// Takes a container's log apart: which bytes are the program's, and when it wrote them.
//
// With `timestamps` each line begins with a time and a space. The container runtime splits lines longer than 16 KiB;
// older kubelets then write a time before each piece, in the midst of the line (kubernetes#77603, mended by #113481),
// and this file takes it out again. A line without a time is the kubelet's own: it reports its errors in the stream.

/**
 * A line of a container's log, or a piece of a long one. A log has millions of them: there is one such object, which is
 * each in turn.
 */
export interface LogLine {
  /** Where its time stands, as the node gives it: RFC 3339 with up to nine digits of a second. */
  times: Buffer
  timeStart: number
  timeEnd: number
  /** Where the program's own bytes stand, with the newline where the line ends. */
  bytes: Buffer
  start: number
  end: number
  /** The line goes on in the next piece, which has the same time. */
  open: boolean
}

export interface LogParser {
  /**
   * Calls `take` with each line that the chunk completes. A line is kept back until its end is there or it is very
   * long. The lines lie one behind the other in one buffer, which serves for the next chunk again: what is before the
   * end of the one that is taken may be written over, and nothing of it is there any more when this returns.
   */
  push (chunk: Uint8Array, take: (line: LogLine) => void): void
  /** The same with what is left of a line without an end when the server has given all there is. */
  end (take: (line: LogLine) => void): void
  /** How many lines were the kubelet's own. */
  readonly foreign: number
}

const NEWLINE = 0x0a
/** The longest time and the space after it. */
const LONGEST_TIME = 36
const TO_THE_SECOND = Buffer.from('0000-00-00T00:00:00')
const EAST = Buffer.from('+00:00')
const WEST = Buffer.from('-00:00')
const [DIGIT_0, DIGIT_9, DOT, LETTER_Z, SPACE] = [0x30, 0x39, 0x2e, 0x5a, 0x20]
/** Where container runtimes split a line. */
const SPLIT_AT = 16_384
const LONGEST_KEPT_BACK = 262_144

const NOTHING = Buffer.alloc(0)
/**
 * Where the chunk is taken apart that has just come, of whatever log: a new buffer for each would be collected far too
 * seldom.
 */
let scratch = Buffer.allocUnsafeSlow(131_072)

/** Both, one behind the other, in the scratch buffer. */
function together (one: Buffer, other: Uint8Array): Buffer {
  const length = one.length + other.length
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * length)
  scratch.set(one)
  scratch.set(other, one.length)
  return scratch.subarray(0, length)
}

export function createLogParser (): LogParser {
  let kept: Buffer = NOTHING
  /** Time of the line of which a piece was given already. */
  let openTime: Buffer | undefined
  let foreign = 0
  const line: LogLine = { times: NOTHING, timeStart: 0, timeEnd: 0, bytes: NOTHING, start: 0, end: 0, open: false }

  function give (
    take: (line: LogLine) => void,
    times: Buffer,
    timeStart: number,
    timeEnd: number,
    bytes: Buffer,
    start: number,
    end: number,
    open: boolean
  ): void {
    line.times = times
    line.timeStart = timeStart
    line.timeEnd = timeEnd
    line.bytes = bytes
    line.start = start
    line.end = end
    line.open = open
    take(line)
  }

  /** Gives what one line of `all` holds; `end` is after its newline, or where it is cut and `open`. */
  function giveLine (take: (line: LogLine) => void, all: Buffer, start: number, end: number, open: boolean): void {
    if (openTime !== undefined) {
      give(take, openTime, 0, openTime.length, all, start, end, open)
      openTime = undefined
      return
    }
    let at = start
    let timeEnd = endOfTime(all, at)
    if (timeEnd === undefined) foreign += 1
    while (timeEnd !== undefined) {
      const next: number = timeEnd + 1 + SPLIT_AT
      const nextTimeEnd: number | undefined = next < end ? endOfTime(all, next) : undefined
      give(
        take,
        all,
        at,
        timeEnd,
        all,
        timeEnd + 1,
        nextTimeEnd === undefined ? end : next,
        nextTimeEnd === undefined && open
      )
      at = next
      timeEnd = nextTimeEnd
    }
  }

  /** Gives what can be given of a line whose end has not come, and returns where the rest begins. */
  function givePieces (take: (line: LogLine) => void, all: Buffer, start: number): number {
    let at = start
    let timeEnd = openTime === undefined ? endOfTime(all, at) : undefined
    while (timeEnd !== undefined && all.length >= timeEnd + 1 + SPLIT_AT + LONGEST_TIME) {
      const next: number = timeEnd + 1 + SPLIT_AT
      const nextTimeEnd = endOfTime(all, next)
      if (nextTimeEnd === undefined) break
      give(take, all, at, timeEnd, all, timeEnd + 1, next, false)
      at = next
      timeEnd = nextTimeEnd
    }
    if (all.length - at <= LONGEST_KEPT_BACK) return at
    // The kubelet writes no such lines of its own; whatever one without a time is, it must not fill the memory.
    if (openTime !== undefined) {
      give(take, openTime, 0, openTime.length, all, at, all.length, true)
    } else if (timeEnd !== undefined) {
      openTime = Buffer.from(all.subarray(at, timeEnd))
      give(take, openTime, 0, openTime.length, all, timeEnd + 1, all.length, true)
    }
    return all.length
  }

  return {
    get foreign () { return foreign },
    push (chunk, take) {
      const all = together(kept, chunk)
      let start = 0
      for (let end = all.indexOf(NEWLINE, kept.length); end !== -1; end = all.indexOf(NEWLINE, start)) {
        giveLine(take, all, start, end + 1, false)
        start = end + 1
      }
      if (all.length - start > SPLIT_AT) start = givePieces(take, all, start)
      kept = start === all.length ? NOTHING : Buffer.from(all.subarray(start))
    },
    end (take) {
      if (kept.length > 0) giveLine(take, kept, 0, kept.length, true)
      kept = NOTHING
    }
  }
}

/**
 * Where the time ends that stands there, with a space after it; undefined when none does. A regular expression would
 * need a text of each.
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

/** Whether the bytes there are those of the pattern, in which a 0 stands for any digit. */
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
