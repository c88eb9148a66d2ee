// Says which image a job gets, and why it and none of the others. Pure.

import type { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import type { ExplainedImage, JobSubmission, RejectedImage } from '../../../launcher/plugin.ts'
import type { SelectedImage } from '../images/select.ts'
import { LANGUAGES, type Language } from '../images/definition.ts'

export interface ImageDecision {
  readonly asked: JobSubmission
  /** What the job got, if anything. */
  readonly image: string | undefined
  /** What was chosen among the definitions; undefined where there was no choice to make. */
  readonly chosen: SelectedImage | undefined
  /** What refused the choice. */
  readonly refusal: LauncherError | undefined
  /** What the profile gives jobs that name none. */
  readonly preset: ProfileValue<string> | undefined
}

export function explainImage ({ asked, image, chosen, refusal, preset }: ImageDecision): ExplainedImage {
  if (image === undefined || refusal !== undefined) {
    return { rejected: (refusal?.details.rejected ?? []) as readonly RejectedImage[] }
  }
  const { definition, versions = {}, interpreters = {}, rejected = [] } = chosen ?? {}
  const languages = (Object.keys(versions) as Language[]).map(
    language => [language, { version: versions[language]!, path: interpreters[language]! }] as const
  )
  return {
    image,
    why: why(asked, preset, versions),
    ...(definition !== undefined && { definedIn: { file: definition.file, line: definition.line } }),
    ...(languages.length > 0 && { versions: Object.fromEntries(languages) }),
    rejected
  }
}

function why (
  { container, runtime }: JobSubmission,
  preset: ProfileValue<string> | undefined,
  versions: SelectedImage['versions']
): string {
  if (container !== undefined) return 'is the one that the job names'
  if (runtime === undefined) {
    return preset === undefined
      ? 'is the first in the files that a job may have which names none'
      : `is default-container-image of ${placeOf(preset)}`
  }
  const found = Object.keys(runtime) as Language[]
  return 'is the nearest to what the job asks for, with ' +
    `${found.map(language => `${LANGUAGES[language]} ${versions[language]}`).join(' and ')}`
}
