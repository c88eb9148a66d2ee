// Says whether a version is compatible with what a job wants, and how near it is: a total order. Pure.

import { compareVersions, type Version } from './version.ts'
import { isInRange, type WantedVersion } from './version-range.ts'

/**
 * `nearest` takes any version, of Python any within the same major version. A constraint has to hold, whatever the
 * strategy.
 */
export const STRATEGIES = ['exact', 'major-minor', 'nearest'] as const
export type Strategy = typeof STRATEGIES[number]

/** Languages that a job may ask for. */
export type AskedLanguage = 'r' | 'python' | 'quarto'
export type Strategies = Readonly<Record<AskedLanguage, Strategy>>

export const DEFAULT_STRATEGIES: Strategies = { r: 'nearest', python: 'nearest', quarto: 'nearest' }

/**
 * How far a version is from the wanted one: that one itself, or the same major.minor, the same major version, another
 * one.
 */
const SAME = 0
const SAME_LINE = 1
const SAME_MAJOR = 2
const OTHER_MAJOR = 3
/** A version outside a constraint is farther than every one inside. */
const OUTSIDE = 4

export function isCompatible (
  version: Version,
  wanted: WantedVersion,
  language: AskedLanguage,
  strategy: Strategy
): boolean {
  const distance = distanceOf(version, wanted)
  if (wanted.kind === 'range') return distance === SAME
  switch (strategy) {
    case 'exact': return distance === SAME
    case 'major-minor': return distance <= SAME_LINE
    case 'nearest': return distance <= (language === 'python' ? SAME_MAJOR : OTHER_MAJOR)
  }
}

/** The version that was asked for, or one that begins with the numbers that were. A constraint asks for no version. */
export function isExact (version: Version, wanted: WantedVersion): boolean {
  return wanted.kind === 'version' && distanceOf(version, wanted) === SAME
}

/**
 * Below 0 when `a` is nearer to what is wanted than `b`; 0 only for the same version.
 * The version itself, then the same major.minor, then the same major version, then others; inside each of them higher
 * versions before lower ones, and of those the nearest first. Of versions that are all wanted (in a constraint, or
 * 4.4.1 and 4.4.2 for 4.4) the highest first.
 */
export function compareMatches (a: Version, b: Version, wanted: WantedVersion): number {
  const distance = distanceOf(a, wanted)
  const difference = distance - distanceOf(b, wanted)
  if (difference !== 0) return difference
  if (distance === SAME || wanted.kind === 'range') return compareVersions(b, a)
  const [major = 0, minor = 0, patch = 0] = wanted.numbers
  const isHigher = (version: Version): boolean => compareVersions(version, [major, minor, patch]) > 0
  if (isHigher(a) !== isHigher(b)) return isHigher(a) ? -1 : 1
  return isHigher(a) ? compareVersions(a, b) : compareVersions(b, a)
}

function distanceOf (version: Version, wanted: WantedVersion): number {
  if (wanted.kind === 'range') return isInRange(version, wanted.range) ? SAME : OUTSIDE
  const { numbers } = wanted
  if (numbers.every((number, index) => version[index] === number)) return SAME
  if (version[0] !== numbers[0]) return OTHER_MAJOR
  return version[1] === numbers[1] ? SAME_LINE : SAME_MAJOR
}
