// Chooses the image of a job, says which interpreters it runs, and why every other image was not taken. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { difference, isEligible, assess, type Asked, type Candidate } from './candidate.ts'
import { DEFAULT_STRATEGIES, type AskedLanguage, type Strategies } from './match-strategy.ts'
import { LANGUAGES, type ImageDefinition, type Language } from './definition.ts'
import { compareVersions, readVersion } from './version.ts'
import { readWanted, type ShortVersions } from './version-range.ts'
import { mismatchOf } from './mismatch.ts'

export interface ImageRequest {
  readonly runtime?: JobSubmission['runtime']
  /** The image that the job names, or that its profile has as default. */
  readonly image?: string | undefined
  readonly definitions: readonly ImageDefinition[]
  readonly strategies?: Strategies
  /** Images that may be taken; all when it is left out. */
  readonly allowed?: readonly string[] | undefined
}

export interface RejectedImage {
  readonly image: string
  readonly file: string
  readonly line: number
  /** Completes a sentence that begins with the image. */
  readonly why: string
}

export interface SelectedImage {
  readonly image: string
  /** Undefined for an image that the job names and no file defines. */
  readonly definition?: ImageDefinition
  /**
   * Path inside the image of each language that it has: of the version chosen, or, when the job asks for none, of the
   * highest.
   */
  readonly interpreters: Readonly<Partial<Record<Language, string>>>
  readonly versions: Readonly<Partial<Record<Language, string>>>
  /** In the order of the files. */
  readonly rejected: readonly RejectedImage[]
}

/** In the order in which closeness counts. R and Python read a short version as their own tools do, Quarto as npm. */
const ASKED: Readonly<Record<AskedLanguage, ShortVersions>> = { r: 'zeros', python: 'zeros', quarto: 'line' }
/** How many images the text of a refusal names. */
const NEAREST_TOLD = 3

/**
 * The image that the job names; else, of those that have what it asks for, the one with most versions exactly as asked;
 * of equal ones that with the nearest R, then Python, then Quarto; of still equal ones the first in the files.
 * Throws InvalidJob when a version cannot be read, or NoMatchingImage with the nearest images.
 */
export function selectImage (request: ImageRequest): SelectedImage {
  const { image, definitions, strategies = DEFAULT_STRATEGIES, allowed } = request
  const asked = readRuntime(request.runtime ?? {})
  const candidates = definitions.map(definition =>
    assess(definition, barrier(definition, image, allowed), asked, strategies)
  )
  const named = candidates.find(({ definition }) => definition.name === image)
  if (image !== undefined && named === undefined) {
    if (asked.length === 0 && (allowed === undefined || allowed.includes(image))) {
      return {
        image,
        interpreters: {},
        versions: {},
        rejected: candidates.map(candidate => rejection(candidate, undefined, strategies))
      }
    }
    const why =
      asked.length === 0
        ? 'is not one of the images that the profile allows'
        : `is in no image definition, so it is not known to have ${textOf(asked)}`
    throw noMatch('container.image', `The image ${image} ${why}${otherwise(request)}.`, [])
  }

  // The sort is stable: what is equal stays in the order of the files.
  const ranked = candidates.toSorted((a, b) => difference(a, b).value)
  const best = named ?? ranked[0]
  if (best === undefined) {
    throw noMatch('container.image', 'No file defines an image that could be chosen; name one in container.image.', [])
  }
  if (!isEligible(best)) {
    const rejected = [best, ...ranked.filter(candidate => candidate !== best)].map(candidate =>
      rejection(candidate, undefined, strategies)
    )
    const told = rejected
      .slice(0, named === undefined ? NEAREST_TOLD : 1)
      .map(one => `${one.image} (${placeOf(one)}) ${one.why}`)
      .join('; ')
    if (named !== undefined) {
      throw noMatch(
        'container.image',
        `The image that the job names cannot be taken: ${told}${otherwise(request)}.`,
        rejected
      )
    }
    const more = rejected.length > NEAREST_TOLD ? `; and ${rejected.length - NEAREST_TOLD} more` : ''
    throw noMatch(
      'runtime',
      `No image can be taken for ${asked.length === 0 ? 'a job that names none' : textOf(asked)}. Nearest: ` +
      `${told}${more}.`,
      rejected
    )
  }
  return {
    image: best.definition.name,
    definition: best.definition,
    ...insideOf(best),
    rejected: candidates
      .filter(candidate => candidate !== best)
      .map(candidate => rejection(candidate, best, strategies))
  }
}

function readRuntime (runtime: NonNullable<JobSubmission['runtime']>): Asked[] {
  return (Object.keys(ASKED) as AskedLanguage[]).filter(language => runtime[language] !== undefined).map(language => {
    const text = runtime[language]!
    const wanted = readWanted(text, ASKED[language])
    if ('problem' in wanted) {
      const field = `runtime.${language}`
      throw new LauncherError('InvalidJob', `${field} ${wanted.problem}: ${JSON.stringify(text)}.`, { field })
    }
    return { language, wanted }
  })
}

function barrier (
  { name, matching }: ImageDefinition,
  image: string | undefined,
  allowed: readonly string[] | undefined
): string | undefined {
  if (image !== undefined && name !== image) return `is not the image that the job names, ${image}`
  if (matching === 'none') return 'is for no job (matching: none)'
  if (matching === 'exact' && image === undefined) return 'is only for jobs that name it (matching: exact)'
  if (allowed !== undefined && !allowed.includes(name)) return 'is not one of the images that the profile allows'
}

function insideOf ({ definition, findings }: Candidate): Pick<SelectedImage, 'interpreters' | 'versions'> {
  const inside = (Object.keys(LANGUAGES) as Language[]).flatMap(language => {
    const installation =
      findings.find(finding => finding.language === language)?.installation ??
      definition.installations[language].toSorted((a, b) =>
        compareVersions(readVersion(b.version)!, readVersion(a.version)!)
      )[0]
    return installation === undefined ? [] : [{ language, ...installation }]
  })
  return {
    interpreters: Object.fromEntries(inside.map(({ language, path }) => [language, path])),
    versions: Object.fromEntries(inside.map(({ language, version }) => [language, version]))
  }
}

/** What would come of the job if it named no image. */
function otherwise ({
  image,
  definitions,
  allowed,
  runtime = {},
  strategies = DEFAULT_STRATEGIES
}: ImageRequest): string {
  const asked = readRuntime(runtime)
  if (asked.length === 0) return ''
  const best = definitions
    .map(definition => assess(definition, barrier(definition, undefined, allowed), asked, strategies))
    .sort((a, b) => difference(a, b).value)[0]
  if (best === undefined || best.barred !== undefined || best.definition.name === image) return ''
  const { name } = best.definition
  return isEligible(best)
    ? `; without container.image it would be ${name}`
    : `; nearest of the others: ${name} ${mismatchOf(best, undefined, strategies)}`
}

/** The nearest of the rejected images come first. */
function noMatch (field: string, message: string, rejected: readonly RejectedImage[]): LauncherError {
  return new LauncherError('NoMatchingImage', message, { field, rejected })
}

function rejection (candidate: Candidate, best: Candidate | undefined, strategies: Strategies): RejectedImage {
  const { definition: { name, file, line } } = candidate
  return { image: name, file, line, why: mismatchOf(candidate, best, strategies) }
}

function textOf (asked: readonly Asked[]): string {
  return asked.map(({ language, wanted }) => `${LANGUAGES[language]} ${wanted.text}`).join(' and ')
}
