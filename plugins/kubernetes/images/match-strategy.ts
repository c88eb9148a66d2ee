// Decides whether a version is compatible with the one that a job wants, and orders versions by how near they are to
// it. The order is total. Pure.

import { compareVersions, type Version } from './version.ts'
import { isInRange, type WantedVersion } from './version-range.ts'

/**
 * `nearest` accepts any version; for Python, any within the same major version. A constraint must hold, whatever the
 * strategy.
 */
export const STRATEGIES = ['exact', 'major-minor', 'nearest'] as const
export type Strategy = typeof STRATEGIES[number]

/** Languages that a job can request in `runtime`. */
export type RuntimeLanguage = 'r' | 'python' | 'quarto'
export type Strategies = Readonly<Record<RuntimeLanguage, Strategy>>

export const DEFAULT_STRATEGIES: Strategies = { r: 'nearest', python: 'nearest', quarto: 'nearest' }

/**
 * The distance of a version from the wanted one: the wanted version itself, the same major.minor, the same major
 * version, or another major version.
 */
const SAME = 0
const SAME_LINE = 1
const SAME_MAJOR = 2
const OTHER_MAJOR = 3
/** A version outside a constraint is farther away than every version inside. */
const OUTSIDE = 4

export function isCompatible (
  version: Version,
  wanted: WantedVersion,
  language: RuntimeLanguage,
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

/** True for the wanted version, and for one that begins with the wanted numbers. Always false for a constraint. */
export function isExact (version: Version, wanted: WantedVersion): boolean {
  return wanted.kind === 'version' && distanceOf(version, wanted) === SAME
}

/**
 * Below 0 if `a` is nearer to the wanted version than `b`; 0 only for the same version.
 * The order is: the version itself, the same major.minor, the same major version, all others. Within each of these
 * groups, higher versions come before lower ones, each from the nearest to the farthest. Of versions that all match (in
 * a constraint, or 4.4.1 and 4.4.2 for 4.4), the highest comes first.
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
