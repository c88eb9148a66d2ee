// Takes a container's log apart: which bytes are the program's, and when it wrote them.
//
// With `timestamps` each line begins with a time and a space. The container runtime splits lines longer than 16 KiB;
// older kubelets then write a time before each piece, in the midst of the line (kubernetes#77603, mended by #113481), and
// this file takes it out again. A line without a time is the kubelet's own: it reports its errors in the stream.

/** A line of a container's log, or a piece of a long one. */
export interface LogLine {
  /** When it was written, as the node gives it: RFC 3339 with up to nine digits of a second. */
  readonly time: string
  /** The program's own bytes, with the newline where the line ends. */
  readonly bytes: Buffer
  /** The line goes on in the next piece, which has the same time. */
  readonly open: boolean
}

export interface LogParser {
  /** The lines that the chunk completes. A line is kept back until its end is there or it is very long. */
  push (chunk: Uint8Array): LogLine[]
  /** What is left of a line without an end when the server has given all there is. */
  end (): LogLine[]
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

export function logParser (): LogParser {
  let kept: Buffer = Buffer.alloc(0)
  /** Time of the line of which a piece was given already. */
  let openTime: string | undefined
  let foreign = 0

  /** Adds what one line of `all` holds; `end` is after its newline. */
  function addLine (lines: LogLine[], all: Buffer, start: number, end: number): void {
    if (openTime !== undefined) {
      lines.push({ time: openTime, bytes: all.subarray(start, end), open: false })
      openTime = undefined
      return
    }
    for (let at = start; ;) {
      const time = timeAt(all, at)
      if (time === undefined) {
        if (at === start) foreign += 1
        return
      }
      const content = at + time.length + 1
      const next = content + SPLIT_AT
      const split = next < end && timeAt(all, next) !== undefined
      lines.push({ time, bytes: all.subarray(content, split ? next : end), open: false })
      if (!split) return
      at = next
    }
  }

  /** What can be given of a line whose end has not come. */
  function piece (): LogLine[] {
    const lines: LogLine[] = []
    let time = openTime ?? timeAt(kept, 0)
    while (time !== undefined) {
      const end = time.length + 1 + SPLIT_AT
      const next = openTime !== undefined || kept.length < end + LONGEST_TIME ? undefined : timeAt(kept, end)
      if (next === undefined) break
      lines.push({ time, bytes: kept.subarray(time.length + 1, end), open: false })
      kept = kept.subarray(end)
      time = next
    }
    if (kept.length <= LONGEST_KEPT_BACK) return lines
    // The kubelet writes no such lines of its own; whatever one without a time is, it must not fill the memory.
    if (time !== undefined) lines.push({ time, bytes: openTime === undefined ? kept.subarray(time.length + 1) : kept, open: true })
    openTime = time
    kept = Buffer.alloc(0)
    return lines
  }

  return {
    get foreign () { return foreign },
    push (chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const all = kept.length === 0 ? bytes : Buffer.concat([kept, bytes])
      const lines: LogLine[] = []
      let start = 0
      for (let end = all.indexOf(NEWLINE, kept.length); end !== -1; end = all.indexOf(NEWLINE, start)) {
        addLine(lines, all, start, end + 1)
        start = end + 1
      }
      kept = all.subarray(start)
      return kept.length > SPLIT_AT ? [...lines, ...piece()] : lines
    },
    end () {
      const lines: LogLine[] = []
      if (kept.length > 0) addLine(lines, kept, 0, kept.length)
      kept = Buffer.alloc(0)
      return lines.map((last, index) => index === lines.length - 1 ? { ...last, open: true } : last)
    }
  }
}

/** What stands there is a time with a space after it, or undefined. A log has millions of them: a regular expression would need a text of each. */
function timeAt (bytes: Buffer, at: number): string | undefined {
  const end = endOfTime(bytes, at)
  return end === undefined ? undefined : bytes.toString('latin1', at, end)
}

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
