// Remembers how far a container's log was read, so that a reader who comes again gets each line once.
//
// The server can be asked for the lines since a time, to the second. Which of them were read already is known by their
// times: those of the last lines are kept, each with its number, because two lines can have the same time, and because
// the lines of standard output and standard error are not quite in the order of their times.

import type { LogLine } from './log-parser.ts'
import { createRecentTimes } from './recent-times.ts'

/** The position in a form that can be stored as JSON. */
export interface SavedPosition {
  /** Times of the last lines, oldest first, each with how many lines followed each other with it. */
  readonly recent: ReadonlyArray<readonly [time: string, lines: number]>
  /** Bytes that were given of the last line when its end had not come. */
  readonly open: number
}

export interface LogPosition {
  /** What to ask the server for; undefined: everything. */
  since (): string | undefined
  /** Begins a reading: its first lines may be known. */
  begin (): void
  /** Whether something of the line is new, which then counts as read; `start` is moved to where that begins. */
  take (line: LogLine): boolean
  save (): SavedPosition
}

const NOTHING: SavedPosition = { recent: [], open: 0 }

export function createLogPosition ({ recent: saved, open: savedOpen }: SavedPosition = NOTHING): LogPosition {
  const recent = createRecentTimes(saved)
  let open = savedOpen
  /** Lines that this reading has still to meet again. */
  let known = new Map<string, number>()
  let oldest: string | undefined
  /** Bytes of the line under way that are to be left out. */
  let skip = 0
  /** The line under way is known; it may come in pieces. */
  let leftOut = false

  function record (line: LogLine): boolean {
    const { times, timeStart, timeEnd } = line
    const goesOn = open > 0 && recent.isLast(times, timeStart, timeEnd)
    open = line.open ? (goesOn ? open : 0) + line.end - line.start : 0
    if (!goesOn) recent.add(times, timeStart, timeEnd)
    return true
  }

  /** Leaves out the bytes of an unfinished line that were given before. */
  function rest (line: LogLine): boolean {
    const left = Math.min(skip, line.end - line.start)
    skip -= left
    line.start += left
    return line.start < line.end && record(line)
  }

  return {
    since: () => recent.oldest()?.replace(/\.\d+/, ''),
    begin () {
      known = new Map()
      for (const [time, lines] of recent.all()) known.set(time, (known.get(time) ?? 0) + lines)
      oldest = recent.oldest()
      skip = 0
      leftOut = false
    },
    take (line) {
      if (skip > 0) return rest(line)
      if (leftOut) {
        leftOut = line.open
        return false
      }
      if (oldest === undefined) return record(line)
      const time = line.times.toString('latin1', line.timeStart, line.timeEnd)
      const left = known.get(time)
      if (left === undefined) {
        if (isBefore(time, oldest)) return false
        // Everything known has been met, or is no longer kept by the node.
        if (known.size === 0) oldest = undefined
        return record(line)
      }
      if (left > 1) known.set(time, left - 1)
      else known.delete(time)
      // The last known line may be one whose end had not come.
      if (left === 1 && open > 0 && time === recent.newest()) {
        skip = open
        return rest(line)
      }
      leftOut = line.open
      return false
    },
    save: () => ({ recent: recent.all(), open })
  }
}

/** Milliseconds since 1970 of the whole second, and nanoseconds. */
type Instant = readonly [second: number, nanoseconds: number]

function instantOf (time: string): Instant {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  return [Date.parse(time.replace(/\.\d+/, '')), Number(fraction.padEnd(9, '0'))]
}

function isBefore (one: string, other: string): boolean {
  // A node gives its times in one form, in which the order of the texts is that of the times.
  if (one.length === other.length && one.endsWith('Z') && other.endsWith('Z')) return one < other
  const [[second, nanoseconds], [otherSecond, otherNanoseconds]] = [instantOf(one), instantOf(other)]
  return second < otherSecond || (second === otherSecond && nanoseconds < otherNanoseconds)
}
