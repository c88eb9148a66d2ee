// Explains why an image was not selected. Pure.

import { compareCandidates, type Candidate, type LanguageMatch } from './candidate.ts'
import type { Strategies } from './match-strategy.ts'
import { LANGUAGES } from './definition.ts'

/**
 * Returns the rest of a sentence that begins with the image. Without `best` no image was selected, so this one is
 * excluded or lacks something.
 */
export function mismatchOf (candidate: Candidate, best: Candidate | undefined, strategies: Strategies): string {
  const { exclusion, matches, incompatible } = candidate
  if (exclusion !== undefined) return exclusion
  if (incompatible > 0 || best === undefined) {
    return matches
      .filter(({ compatible }) => !compatible)
      .map(match => missingText(candidate, match, strategies))
      .join(' and ')
  }
  const chosen = best.definition.name
  if (candidate.exact < best.exact) {
    return `has ${candidate.exact} of the exact versions requested, ${chosen} has ${best.exact}`
  }
  const { language: deciding } = compareCandidates(best, candidate)
  if (deciding === undefined) return `is as good as ${chosen}, which comes first in the files`
  const { language, wanted, installation } = matches[deciding]!
  const nearer = `${LANGUAGES[language]} ${best.matches[deciding]!.installation!.version} of ${chosen}`
  return `has ${LANGUAGES[language]} ${installation!.version}; the ${nearer} is ` +
    `${wanted.kind === 'range' ? 'higher' : `preferred for ${wanted.text}`}`
}

function missingText ({ definition }: Candidate, { language, wanted }: LanguageMatch, strategies: Strategies): string {
  const versions = definition.installations[language].map(({ version }) => version)
  const name = LANGUAGES[language]
  if (versions.length === 0) return `has no ${name}`
  const rule = wanted.kind === 'range' ? '' : ` (strategy ${strategies[language]})`
  return `has ${name} ${versions.join(', ')}, which ${versions.length === 1 ? 'is' : 'are'} not compatible with ` +
    `${wanted.text}${rule}`
}
