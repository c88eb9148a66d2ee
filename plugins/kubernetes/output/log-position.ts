// Remembers how far a container's log was read, so that repeated reads return each line once.
//
// The server can return the lines since a given second. The times of the last lines read show which of those are
// already known. They are counted, because two lines can have the same time, and because the lines of standard output
// and standard error are not exactly in the order of their times.

import type { LogLine } from './log-parser.ts'
import { createRecentTimes } from './recent-times.ts'

/** The position in a form that can be stored as JSON. */
export interface SavedPosition {
  /** Times of the last lines, oldest first, each with the number of consecutive lines that have it. */
  readonly recent: ReadonlyArray<readonly [time: string, lines: number]>
  /** Bytes already returned of the last line, if it was incomplete. */
  readonly open: number
  /** Time of the first line of the file that the lines are in; absent if it is not known. */
  readonly file?: string
}

export interface LogPosition {
  /** Time to request the log from; undefined: from the start. */
  since (): string | undefined
  /** Time of the first line of the file that is read; undefined if it is not known. */
  file: string | undefined
  /** Whether a line with this time is among the last ones read. */
  knows (time: string): boolean
  /** Goes to the start of another file, whose lines are all new. */
  enter (file: string | undefined): void
  /** Begins a read of the file, whose first lines may be known. */
  begin (): void
  /** Whether a part of the line is new. If so, it counts as read, and `start` is moved to where it begins. */
  take (line: LogLine): boolean
  save (): SavedPosition
}

const NOTHING: SavedPosition = { recent: [], open: 0 }

export function createLogPosition ({ recent: saved, open: savedOpen, file }: SavedPosition = NOTHING): LogPosition {
  let recent = createRecentTimes(saved)
  let open = savedOpen
  /** Known lines that this read has yet to skip. */
  let known = new Map<string, number>()
  let oldest: string | undefined
  /** Bytes of the current line to skip. */
  let skip = 0
  /** The current line is known; it may arrive in pieces. */
  let skipLine = false

  function record (line: LogLine): boolean {
    const { times, timeStart, timeEnd } = line
    const continues = open > 0 && recent.isLast(times, timeStart, timeEnd)
    open = line.incomplete ? (continues ? open : 0) + line.end - line.start : 0
    if (!continues) recent.add(times, timeStart, timeEnd)
    return true
  }

  /** Skips the bytes of an incomplete line that were returned before. */
  function skipKnownBytes (line: LogLine): boolean {
    const left = Math.min(skip, line.end - line.start)
    skip -= left
    line.start += left
    return line.start < line.end && record(line)
  }

  return {
    file,
    knows: time => recent.all().some(([known]) => known === time),
    enter (file) {
      recent = createRecentTimes()
      open = 0
      this.file = file
    },
    since: () => recent.oldest()?.replace(/\.\d+/, ''),
    begin () {
      known = new Map()
      for (const [time, lines] of recent.all()) known.set(time, (known.get(time) ?? 0) + lines)
      oldest = recent.oldest()
      skip = 0
      skipLine = false
    },
    take (line) {
      if (skip > 0) return skipKnownBytes(line)
      if (skipLine) {
        skipLine = line.incomplete
        return false
      }
      if (oldest === undefined) return record(line)
      const time = line.times.toString('latin1', line.timeStart, line.timeEnd)
      const left = known.get(time)
      if (left === undefined) {
        if (isBefore(time, oldest)) return false
        // All known lines were skipped, or the node has rotated them away.
        if (known.size === 0) oldest = undefined
        return record(line)
      }
      if (left > 1) known.set(time, left - 1)
      else known.delete(time)
      // The last known line may have been incomplete.
      if (left === 1 && open > 0 && time === recent.newest()) {
        skip = open
        return skipKnownBytes(line)
      }
      skipLine = line.incomplete
      return false
    },
    save () {
      return { recent: recent.all(), open, ...(this.file !== undefined && { file: this.file }) }
    }
  }
}

/** Milliseconds since 1970 of the whole second, and nanoseconds. */
type Instant = readonly [second: number, nanoseconds: number]

function instantOf (time: string): Instant {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  return [Date.parse(time.replace(/\.\d+/, '')), Number(fraction.padEnd(9, '0'))]
}

export function isBefore (one: string, other: string): boolean {
  // A node writes all times in one format, in which the order of the strings is that of the times.
  if (one.length === other.length && one.endsWith('Z') && other.endsWith('Z')) return one < other
  const [[second, nanoseconds], [otherSecond, otherNanoseconds]] = [instantOf(one), instantOf(other)]
  return second < otherSecond || (second === otherSecond && nanoseconds < otherNanoseconds)
}
