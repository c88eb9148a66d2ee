// Selects the image and the interpreters of a job, and explains why every other image was not selected. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { compareCandidates, isEligible, assess, type Requirement, type Candidate } from './candidate.ts'
import { DEFAULT_STRATEGIES, type RuntimeLanguage, type Strategies } from './match-strategy.ts'
import { LANGUAGES, type ImageDefinition, type Language } from './definition.ts'
import { compareVersions, readVersion } from './version.ts'
import { readWantedVersion, type ShortVersions } from './version-range.ts'
import { mismatchOf } from './mismatch.ts'

export interface ImageRequest {
  readonly runtime?: JobSubmission['runtime']
  /** The image that the job names, or the default of its profile. */
  readonly image?: string | undefined
  readonly definitions: readonly ImageDefinition[]
  readonly strategies?: Strategies
  /** Images that may be selected. Defaults to all. */
  readonly allowed?: readonly string[] | undefined
}

interface RejectedImage {
  readonly image: string
  readonly file: string
  readonly line: number
  /** Completes a sentence that begins with the image. */
  readonly why: string
}

export interface SelectedImage {
  readonly image: string
  /** Undefined for an image that the job names but no file defines. */
  readonly definition?: ImageDefinition
  /**
   * Path inside the image for each of its languages: that of the selected version or, if the job requests none, of the
   * highest.
   */
  readonly interpreters: Readonly<Partial<Record<Language, string>>>
  readonly versions: Readonly<Partial<Record<Language, string>>>
  /** In the order of the files. */
  readonly rejected: readonly RejectedImage[]
}

/**
 * The languages in order of precedence. A short version means for R and Python what it means to their own tools, and
 * for Quarto what it means to npm.
 */
const SHORT_VERSIONS: Readonly<Record<RuntimeLanguage, ShortVersions>> = { r: 'zeros', python: 'zeros', quarto: 'line' }
/** Number of images that an error message names. */
const NEAREST_LISTED = 3

/**
 * Selects the image that the job names. If the job names none, compares the images that have what it requires, in this
 * order: more versions exactly as requested, the nearer version of R, of Python, of Quarto, and the earlier place in
 * the files.
 * Throws InvalidJob if a version cannot be read, or NoMatchingImage with the nearest images.
 */
export function selectImage (request: ImageRequest): SelectedImage {
  const { image, definitions, strategies = DEFAULT_STRATEGIES, allowed } = request
  const requirements = readRuntime(request.runtime ?? {})
  const candidates = definitions.map(definition =>
    assess(definition, exclusionOf(definition, image, allowed), requirements, strategies)
  )
  const named = candidates.find(({ definition }) => definition.name === image)
  if (image !== undefined && named === undefined) {
    if (requirements.length === 0 && (allowed === undefined || allowed.includes(image))) {
      return {
        image,
        interpreters: {},
        versions: {},
        rejected: candidates.map(candidate => rejection(candidate, undefined, strategies))
      }
    }
    const why =
      requirements.length === 0
        ? 'is not one of the images that the profile allows'
        : `is in no image definition, so it is not known to have ${requirementsText(requirements)}`
    throw noMatchError('container.image', `The image ${image} ${why}${withoutNamedImage(request)}.`, [])
  }

  // The sort is stable: equal images stay in the order of the files.
  const ranked = candidates.toSorted((a, b) => compareCandidates(a, b).order)
  const best = named ?? ranked[0]
  if (best === undefined) {
    throw noMatchError(
      'container.image',
      'No file defines an image that could be selected; name one in container.image.',
      []
    )
  }
  if (!isEligible(best)) {
    const rejected = [best, ...ranked.filter(candidate => candidate !== best)].map(candidate =>
      rejection(candidate, undefined, strategies)
    )
    const reasons = rejected
      .slice(0, named === undefined ? NEAREST_LISTED : 1)
      .map(image => `${image.image} (${placeOf(image)}) ${image.why}`)
      .join('; ')
    if (named !== undefined) {
      throw noMatchError(
        'container.image',
        `The image that the job names cannot be used: ${reasons}${withoutNamedImage(request)}.`,
        rejected
      )
    }
    const more = rejected.length > NEAREST_LISTED ? `; and ${rejected.length - NEAREST_LISTED} more` : ''
    const job = requirements.length === 0 ? 'a job that names none' : requirementsText(requirements)
    throw noMatchError(
      'runtime',
      `No image can be selected for ${job}. Nearest: ${reasons}${more}.`,
      rejected
    )
  }
  return {
    image: best.definition.name,
    definition: best.definition,
    ...interpretersOf(best),
    rejected: candidates
      .filter(candidate => candidate !== best)
      .map(candidate => rejection(candidate, best, strategies))
  }
}

function readRuntime (runtime: NonNullable<JobSubmission['runtime']>): Requirement[] {
  const languages = Object.keys(SHORT_VERSIONS) as RuntimeLanguage[]
  return languages.filter(language => runtime[language] !== undefined).map(language => {
    const text = runtime[language]!
    const wanted = readWantedVersion(text, SHORT_VERSIONS[language])
    if ('problem' in wanted) {
      const field = `runtime.${language}`
      throw new LauncherError('InvalidJob', `${field} ${wanted.problem}: ${JSON.stringify(text)}.`, { field })
    }
    return { language, wanted }
  })
}

function exclusionOf (
  { name, matching }: ImageDefinition,
  image: string | undefined,
  allowed: readonly string[] | undefined
): string | undefined {
  if (image !== undefined && name !== image) return `is not the image that the job names, ${image}`
  if (matching === 'none') return 'is not used for any job (matching: none)'
  if (matching === 'exact' && image === undefined) return 'is only for jobs that name it (matching: exact)'
  if (allowed !== undefined && !allowed.includes(name)) return 'is not one of the images that the profile allows'
}

function interpretersOf ({ definition, matches }: Candidate): Pick<SelectedImage, 'interpreters' | 'versions'> {
  const interpreters = (Object.keys(LANGUAGES) as Language[]).flatMap(language => {
    const installation =
      matches.find(match => match.language === language)?.installation ??
      definition.installations[language].toSorted((a, b) =>
        compareVersions(readVersion(b.version)!, readVersion(a.version)!)
      )[0]
    return installation === undefined ? [] : [{ language, ...installation }]
  })
  return {
    interpreters: Object.fromEntries(interpreters.map(({ language, path }) => [language, path])),
    versions: Object.fromEntries(interpreters.map(({ language, version }) => [language, version]))
  }
}

/** Describes which image the job would get if it named none. */
function withoutNamedImage ({
  image,
  definitions,
  allowed,
  runtime = {},
  strategies = DEFAULT_STRATEGIES
}: ImageRequest): string {
  const requirements = readRuntime(runtime)
  if (requirements.length === 0) return ''
  const best = definitions
    .map(definition => assess(definition, exclusionOf(definition, undefined, allowed), requirements, strategies))
    .sort((a, b) => compareCandidates(a, b).order)[0]
  if (best === undefined || best.exclusion !== undefined || best.definition.name === image) return ''
  const { name } = best.definition
  return isEligible(best)
    ? `; without container.image it would be ${name}`
    : `; nearest of the others: ${name} ${mismatchOf(best, undefined, strategies)}`
}

/** `rejected` begins with the nearest images. */
function noMatchError (field: string, message: string, rejected: readonly RejectedImage[]): LauncherError {
  return new LauncherError('NoMatchingImage', message, { field, rejected })
}

function rejection (candidate: Candidate, best: Candidate | undefined, strategies: Strategies): RejectedImage {
  const { definition: { name, file, line } } = candidate
  return { image: name, file, line, why: mismatchOf(candidate, best, strategies) }
}

function requirementsText (requirements: readonly Requirement[]): string {
  return requirements.map(({ language, wanted }) => `${LANGUAGES[language]} ${wanted.text}`).join(' and ')
}
