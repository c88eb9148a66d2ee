// Says how long ago something was, or how long it took, in as few letters as possible.

const UNITS: ReadonlyArray<[letter: string, seconds: number]> = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]]

/** `45s`, `3m`, `2h`, `5d`: the largest unit that is at least two, or one second; never negative. */
export function shortAge (milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [letter, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? UNITS.at(-1)!
  return `${Math.floor(seconds / size)}${letter}`
}
