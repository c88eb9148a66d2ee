// Compares images by how well their languages match what a job requires. Pure.

import { compareMatches, isCompatible, isExact, type RuntimeLanguage, type Strategies } from './match-strategy.ts'
import type { ImageDefinition, Installation } from './definition.ts'
import { readVersion, type Version } from './version.ts'
import type { WantedVersion } from './version-range.ts'

export interface Requirement {
  readonly language: RuntimeLanguage
  readonly wanted: WantedVersion
}

/** A required language, and the image's installation that is nearest to the wanted version. */
export interface LanguageMatch extends Requirement {
  readonly installation?: Installation
  readonly version?: Version
  readonly compatible: boolean
  readonly exact: boolean
}

export interface Candidate {
  readonly definition: ImageDefinition
  /** Why the image cannot be selected, whatever its versions are. */
  readonly exclusion?: string
  /** One for each required language, in order of precedence. */
  readonly matches: readonly LanguageMatch[]
  readonly incompatible: number
  readonly exact: number
}

export function assess (
  definition: ImageDefinition,
  exclusion: string | undefined,
  requirements: readonly Requirement[],
  strategies: Strategies
): Candidate {
  const matches = requirements.map(({ language, wanted }): LanguageMatch => {
    const nearest = definition.installations[language]
      .map(installation => ({ installation, version: readVersion(installation.version)! }))
      .toSorted((a, b) => compareMatches(a.version, b.version, wanted))[0]
    return {
      language,
      wanted,
      ...nearest,
      compatible: nearest !== undefined && isCompatible(nearest.version, wanted, language, strategies[language]),
      exact: nearest !== undefined && isExact(nearest.version, wanted)
    }
  })
  return {
    definition,
    ...(exclusion !== undefined && { exclusion }),
    matches,
    incompatible: matches.filter(({ compatible }) => !compatible).length,
    exact: matches.filter(({ exact }) => exact).length
  }
}

/**
 * Compares two images: `order` is below 0 if `a` is preferred. `language` is the index of the match that decides; it
 * is left out if no single language decides.
 */
export function compareCandidates (a: Candidate, b: Candidate): { order: number; language?: number } {
  const order =
    Number(a.exclusion !== undefined) - Number(b.exclusion !== undefined) ||
    a.incompatible - b.incompatible ||
    b.exact - a.exact
  if (order !== 0) return { order }
  for (const [language, { version, wanted }] of a.matches.entries()) {
    const other = b.matches[language]!.version
    const order = version === undefined || other === undefined
      ? Number(version === undefined) - Number(other === undefined)
      : compareMatches(version, other, wanted)
    if (order !== 0) return { order, language }
  }
  return { order: 0 }
}

export function isEligible ({ exclusion, incompatible }: Candidate): boolean {
  return exclusion === undefined && incompatible === 0
}
