// Reads and compares versions of three numbers.

/** Three numbers, each below 10^9. */
export type Version = readonly [major: number, minor: number, patch: number]

const NUMBER = '(?:0|[1-9][0-9]{0,8})'
const VERSION = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}$`)

/** Describes in messages what `readVersion` reads. */
export const VERSION_FORM = 'a version of three numbers such as 4.4.1'

/** Undefined if the text is not a version of three numbers without leading zeros. */
export function readVersion (text: string): Version | undefined {
  if (!VERSION.test(text)) return undefined
  const [major, minor, patch] = text.split('.').map(Number)
  return [major!, minor!, patch!]
}

/** Below 0 if `a` is lower, 0 if they are the same. */
export function compareVersions (a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
