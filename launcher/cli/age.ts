// Formats an age or a duration in as few characters as possible.

const UNITS: ReadonlyArray<[letter: string, seconds: number]> = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]]

/**
 * Returns `45s`, `3m`, `2h` or `5d`: in the largest unit with a value of at least two, or in seconds. Never negative.
 */
export function shortAge (milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [letter, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? UNITS.at(-1)!
  return `${Math.floor(seconds / size)}${letter}`
}
