// Reads the version of a language that a job wants: a version, or a constraint in the style of PEP 440 or npm. Pure.
//
// Versions are whole numbers only, so each constraint is a set of intervals [from, below). An operator that both styles
// have means the same in both, except > and <= with fewer than three numbers: `ShortVersions` chooses the meaning.

import { compareVersions, type Version } from './version.ts'

/** The versions from `from` on that are below `below` (no upper bound if omitted); with `outside`, all others. */
interface Interval {
  readonly from: Version
  readonly below?: Version
  readonly outside?: true
}

/** A version satisfies the range if it lies in every interval of one of the lists. */
export type Range = ReadonlyArray<readonly Interval[]>

/** `numbers` are the one to three numbers that are given. The strategy decides which versions are compatible. */
export type WantedVersion =
  | { readonly kind: 'version', readonly text: string, readonly numbers: readonly number[] }
  | { readonly kind: 'range', readonly text: string, readonly range: Range }

/**
 * What 4.3 means in `>4.3` and `<=4.3`: 4.3.0 (`zeros`, as in R and Python), or all of 4.3 (`line`, as in npm).
 */
export type ShortVersions = 'zeros' | 'line'

interface PartialVersion {
  readonly numbers: readonly number[]
  /** The version ends in `.*` or `.x`, or is only a wildcard. */
  readonly wildcard: boolean
}

const NUMBER = '(?:0|[1-9][0-9]{0,8})'
const ANY = '[*xX]'
const NUMBERED_VERSION = `${NUMBER}(?:\\.${NUMBER}(?:\\.(?:${NUMBER}|${ANY}))?|\\.${ANY}(?:\\.${ANY})?)?`
const PARTIAL_VERSION = `v?(?:${NUMBERED_VERSION}|${ANY}(?:\\.${ANY}){0,2})`
const PLAIN_VERSION = new RegExp(`^v?${NUMBER}(?:\\.${NUMBER}){0,2}$`)
const TERM = new RegExp(`^(\\^|~=|~|==|=|!=|>=|<=|>|<)?(${PARTIAL_VERSION})$`)
const HYPHEN_RANGE = new RegExp(`^(${PARTIAL_VERSION})\\s+-\\s+(${PARTIAL_VERSION})$`)

/** Describes in messages what `readWantedVersion` reads. */
const WANTED_FORM = 'a version such as 4.4.1 or 4.4, or a constraint such as >=4.3,<5 or ^4.3 or 4.4.x'

/** Never throws. `problem` is the rest of a sentence that begins with the field. */
export function readWantedVersion (text: string, short: ShortVersions): WantedVersion | { readonly problem: string } {
  const trimmed = text.trim()
  if (PLAIN_VERSION.test(trimmed)) return { kind: 'version', text: trimmed, numbers: partialOf(trimmed).numbers }
  const range: Interval[][] = []
  for (const alternative of trimmed.split('||')) {
    const intervals = readAlternative(alternative.trim(), short)
    if ('problem' in intervals) return intervals
    range.push(intervals)
  }
  return { kind: 'range', text: trimmed, range }
}

export function isInRange (version: Version, range: Range): boolean {
  return range.some(intervals => intervals.every(({ from, below, outside = false }) =>
    (compareVersions(version, from) >= 0 && (below === undefined || compareVersions(version, below) < 0)) !== outside))
}

function readAlternative (text: string, short: ShortVersions): Interval[] | { problem: string } {
  const hyphen = HYPHEN_RANGE.exec(text)
  if (hyphen !== null) return [{ from: lowest(partialOf(hyphen[1]!).numbers), ...upTo(partialOf(hyphen[2]!).numbers) }]
  const terms = text.split(',').flatMap(piece => piece.trim().replace(/([<>=!~^])\s+/g, '$1').split(/\s+/))
  const intervals: Interval[] = []
  for (const term of terms) {
    const match = TERM.exec(term)
    const interval = match === null ? undefined : intervalOf(match[1] ?? '', partialOf(match[2]!), short)
    if (interval === undefined) {
      return { problem: `is not ${WANTED_FORM}${term === text ? '' : `; ${JSON.stringify(term)} cannot be read`}` }
    }
    intervals.push(interval)
  }
  return intervals
}

/** Undefined if the operator cannot be used with the version. */
function intervalOf (
  operator: string,
  { numbers, wildcard }: PartialVersion,
  short: ShortVersions
): Interval | undefined {
  if (numbers.length === 0) return operator === '' || operator === '=' ? { from: [0, 0, 0] } : undefined
  const from = lowest(numbers)
  /** The version for operators that read missing numbers as 0, unless a wildcard stands for them. */
  const filled = wildcard ? numbers : from
  const bound = short === 'zeros' ? filled : numbers
  switch (operator) {
    case '':
    case '=': return { from, ...upTo(numbers) }
    case '==': return { from, ...upTo(filled) }
    case '!=': return { from, ...upTo(filled), outside: true }
    case '~=': return wildcard || numbers.length < 2 ? undefined : { from, ...upTo(numbers.slice(0, -1)) }
    case '~': return { from, ...upTo(numbers.slice(0, 2)) }
    case '^': {
      const first = numbers.findIndex(number => number > 0)
      return { from, ...upTo(first === -1 ? numbers : numbers.slice(0, first + 1)) }
    }
    case '>=': return { from }
    case '>': return { from: after(bound) }
    case '<': return { from: [0, 0, 0], below: from }
    case '<=': return { from: [0, 0, 0], ...upTo(bound) }
  }
}

function partialOf (text: string): PartialVersion {
  const parts = text.replace(/^v/, '').split('.')
  const numbers = parts.filter(part => /^[0-9]/.test(part)).map(Number)
  return { numbers, wildcard: parts.length > numbers.length }
}

function lowest ([major = 0, minor = 0, patch = 0]: readonly number[]): Version {
  return [major, minor, patch]
}

/** The first higher version that does not begin with these numbers. */
function after (numbers: readonly number[]): Version {
  return lowest([...numbers.slice(0, -1), numbers.at(-1)! + 1])
}

function upTo (numbers: readonly number[]): { below?: Version } {
  return numbers.length === 0 ? {} : { below: after(numbers) }
}
