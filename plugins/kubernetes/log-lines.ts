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
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /
const LONGEST_TIME = 36
/** Where container runtimes split a line. */
const SPLIT_AT = 16_384
const LONGEST_KEPT_BACK = 262_144

export function logParser (): LogParser {
  let kept: Buffer = Buffer.alloc(0)
  /** Time of the line of which a piece was given already. */
  let openTime: string | undefined
  let foreign = 0

  /** One line with its newline. */
  function line (bytes: Buffer): LogLine[] {
    if (openTime !== undefined) {
      const time = openTime
      openTime = undefined
      return [{ time, bytes, open: false }]
    }
    const lines: LogLine[] = []
    let rest = bytes
    for (let first = true; ; first = false) {
      const time = timeAt(rest, 0)
      if (time === undefined) {
        if (first) foreign += 1
        return lines
      }
      const content = rest.subarray(time.length + 1)
      const split = content.length > SPLIT_AT && timeAt(content, SPLIT_AT) !== undefined
      lines.push({ time, bytes: split ? content.subarray(0, SPLIT_AT) : content, open: false })
      if (!split) return lines
      rest = content.subarray(SPLIT_AT)
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
        lines.push(...line(all.subarray(start, end + 1)))
        start = end + 1
      }
      kept = all.subarray(start)
      return kept.length > SPLIT_AT ? [...lines, ...piece()] : lines
    },
    end () {
      const lines = kept.length === 0 ? [] : line(kept)
      kept = Buffer.alloc(0)
      return lines.map((last, index) => index === lines.length - 1 ? { ...last, open: true } : last)
    }
  }
}

function timeAt (bytes: Buffer, at: number): string | undefined {
  return TIME.exec(bytes.toString('latin1', at, at + LONGEST_TIME))?.[1]
}
