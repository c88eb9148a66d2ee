// The times of the lines that were read lately, to find out whether the first line of a file was among them. A fast log
// has hundreds of thousands of lines in a second, so each is a number.

export interface PassedTimes {
  /** Adds the time in that range. */
  add (bytes: Uint8Array, start: number, end: number): void
  /** Whether one of the times was added since the last mark but one. */
  hasOneOf (times: readonly string[]): boolean
  mark (): void
}

const FIRST_CAPACITY = 64
/** A log that cannot be checked for so many lines is no longer remembered. */
const MAX_CAPACITY = 1 << 20
/** Offset of the minutes in a time. What comes before is the same for about all lines between two marks. */
const MINUTES = 'yyyy-mm-ddThh:'.length
const [DIGIT_0, DIGIT_9] = [0x30, 0x39]

interface Generation {
  numbers: Float64Array
  count: number
}

export function createPassedTimes (): PassedTimes {
  const empty = (): Generation => ({ numbers: new Float64Array(0), count: 0 })
  let [current, previous] = [empty(), empty()]

  return {
    add (bytes, start, end) {
      const { numbers, count } = current
      if (count === numbers.length) {
        if (count === MAX_CAPACITY) return
        current.numbers = new Float64Array(Math.max(FIRST_CAPACITY, 2 * count))
        current.numbers.set(numbers)
      }
      current.numbers[current.count++] = numberOf(bytes, start, end)
    },
    hasOneOf (times) {
      const wanted = times.map(time => numberOf(Buffer.from(time, 'latin1'), 0, time.length))
      return [current, previous].some(({ numbers, count }) =>
        wanted.some(number => numbers.subarray(0, count).includes(number)))
    },
    mark () {
      previous = current
      current = empty()
    }
  }
}

/** The minutes, the seconds and their fraction as one number. */
function numberOf (bytes: Uint8Array, start: number, end: number): number {
  let number = 0
  let digits = 0
  for (let at = start + MINUTES; at < end && digits < 13; at++) {
    const byte = bytes[at]!
    if (byte < DIGIT_0 || byte > DIGIT_9) continue
    number = number * 10 + byte - DIGIT_0
    digits += 1
  }
  return number
}
