// Explains which image a job gets, and why it gets that one and no other. Pure.

import type { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import type { ExplainedImage, JobSubmission, RejectedImage } from '../../../launcher/plugin.ts'
import type { SelectedImage } from '../images/select.ts'
import { LANGUAGES, type Language } from '../images/definition.ts'

export interface ImageDecision {
  readonly requested: JobSubmission
  /** The image of the job, if it gets one. */
  readonly image: string | undefined
  /** The choice among the image definitions; undefined if there was none to make. */
  readonly selected: SelectedImage | undefined
  /** Why no image could be selected. */
  readonly refusal: LauncherError | undefined
  /** The profile's image for jobs that name none. */
  readonly defaultImage: ProfileValue<string> | undefined
}

export function explainImage ({ requested, image, selected, refusal, defaultImage }: ImageDecision): ExplainedImage {
  if (image === undefined || refusal !== undefined) {
    return { rejected: (refusal?.details.rejected ?? []) as readonly RejectedImage[] }
  }
  const { definition, versions = {}, interpreters = {}, rejected = [] } = selected ?? {}
  const languages = (Object.keys(versions) as Language[]).map(
    language => [language, { version: versions[language]!, path: interpreters[language]! }] as const
  )
  return {
    image,
    why: why(requested, defaultImage, versions),
    ...(definition !== undefined && { definedIn: { file: definition.file, line: definition.line } }),
    ...(languages.length > 0 && { versions: Object.fromEntries(languages) }),
    rejected
  }
}

function why (
  { container, runtime }: JobSubmission,
  defaultImage: ProfileValue<string> | undefined,
  versions: SelectedImage['versions']
): string {
  if (container !== undefined) return 'is the one that the job names'
  if (runtime === undefined) {
    return defaultImage === undefined
      ? 'is the first in the files for a job that names none'
      : `is the default-container-image of ${placeOf(defaultImage)}`
  }
  const languages = Object.keys(runtime) as Language[]
  return 'is the nearest to what the job asks for, with ' +
    `${languages.map(language => `${LANGUAGES[language]} ${versions[language]}`).join(' and ')}`
}
