// Says in words why an image was not taken. Pure.

import { difference, type Candidate, type Finding } from './candidate.ts'
import type { Strategies } from './match-strategy.ts'
import { LANGUAGES } from './definition.ts'

/**
 * Completes a sentence that begins with the image. Without `best`, none was taken, so this one is barred or lacks
 * something.
 */
export function mismatchOf (candidate: Candidate, best: Candidate | undefined, strategies: Strategies): string {
  const { barred, findings, incompatible } = candidate
  if (barred !== undefined) return barred
  if (incompatible > 0 || best === undefined) {
    return findings
      .filter(({ compatible }) => !compatible)
      .map(finding => lack(candidate, finding, strategies))
      .join(' and ')
  }
  const chosen = best.definition.name
  if (candidate.exact < best.exact) {
    return `has ${candidate.exact} of the versions exactly as asked, ${chosen} has ${best.exact}`
  }
  const { finding } = difference(best, candidate)
  if (finding === undefined) return `is as good as ${chosen}, which stands first in the files`
  const { language, wanted, installation } = findings[finding]!
  const nearer = `${LANGUAGES[language]} ${best.findings[finding]!.installation!.version} of ${chosen}`
  return `has ${LANGUAGES[language]} ${installation!.version}; the ${nearer} is ` +
    `${wanted.kind === 'range' ? 'higher' : `preferred for ${wanted.text}`}`
}

function lack ({ definition }: Candidate, { language, wanted }: Finding, strategies: Strategies): string {
  const versions = definition.installations[language].map(({ version }) => version)
  const name = LANGUAGES[language]
  if (versions.length === 0) return `has no ${name}`
  const rule = wanted.kind === 'range' ? '' : ` (strategy ${strategies[language]})`
  return `has ${name} ${versions.join(', ')}, which ${versions.length === 1 ? 'is' : 'are'} not compatible with ` +
    `${wanted.text}${rule}`
}
