// Compares images by what they have of what a job asks for. Pure.

import { compareMatches, isCompatible, isExact, type AskedLanguage, type Strategies } from './match-strategy.ts'
import type { ImageDefinition, Installation } from './definition.ts'
import { readVersion, type Version } from './version.ts'
import type { WantedVersion } from './version-range.ts'

export interface Asked {
  readonly language: AskedLanguage
  readonly wanted: WantedVersion
}

/** The installation of a language that is nearest to what is wanted. */
export interface Finding extends Asked {
  readonly installation?: Installation
  readonly version?: Version
  readonly compatible: boolean
  readonly exact: boolean
}

export interface Candidate {
  readonly definition: ImageDefinition
  /** Why it could not be taken whatever its versions are. */
  readonly barred?: string
  /** One for each that is asked for, in the order in which closeness counts. */
  readonly findings: readonly Finding[]
  readonly incompatible: number
  readonly exact: number
}

export function assess (
  definition: ImageDefinition,
  barred: string | undefined,
  asked: readonly Asked[],
  strategies: Strategies
): Candidate {
  const findings = asked.map(({ language, wanted }): Finding => {
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
    ...(barred !== undefined && { barred }),
    findings,
    incompatible: findings.filter(({ compatible }) => !compatible).length,
    exact: findings.filter(({ exact }) => exact).length
  }
}

/**
 * What decides between two images: `value` is below 0 when `a` is preferred; `finding` is the index of the language.
 */
export function difference (a: Candidate, b: Candidate): { value: number; finding?: number } {
  const value =
    Number(a.barred !== undefined) - Number(b.barred !== undefined) ||
    a.incompatible - b.incompatible ||
    b.exact - a.exact
  if (value !== 0) return { value }
  for (const [finding, { version, wanted }] of a.findings.entries()) {
    const other = b.findings[finding]!.version
    const value = version === undefined || other === undefined
      ? Number(version === undefined) - Number(other === undefined)
      : compareMatches(version, other, wanted)
    if (value !== 0) return { value, finding }
  }
  return { value: 0 }
}

export function isEligible ({ barred, incompatible }: Candidate): boolean {
  return barred === undefined && incompatible === 0
}
