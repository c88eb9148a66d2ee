// Gives a submission the image that has the versions it asks for with what every job of the image mounts, and tells its
// program where the versions are. Pure.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import { selectImage, type SelectedImage } from '../images/select.ts'
import type { Strategies } from '../images/match-strategy.ts'
import type { ImageDefinition } from '../images/definition.ts'

/** Variables in which a program finds the interpreters of its image. */
export const VARIABLES = { r: 'JOB_R', python: 'JOB_PYTHON', quarto: 'JOB_QUARTO' } as const

export interface ImageRules {
  /** What the files of cluster-definition have now. */
  readonly definitions: readonly ImageDefinition[]
  /** Images that the user's profile allows; undefined: all. */
  readonly allowed: readonly string[] | undefined
  readonly strategies: Strategies
}

/**
 * The image of a submission to which its profile was applied, with the reason of each that was not taken; undefined for
 * one that neither asks for versions nor finds definitions to choose from. Throws InvalidJob or NoMatchingImage, which
 * names the nearest images.
 */
export function imageFor (
  { runtime, container }: JobSubmission,
  { definitions, allowed, strategies }: ImageRules
): SelectedImage | undefined {
  if (runtime === undefined && definitions.length === 0) return undefined
  return selectImage({
    definitions,
    allowed,
    strategies,
    image: container?.image,
    ...(runtime !== undefined && { runtime })
  })
}

/** `chosen` is what `imageFor` gave. */
export function completeWithImage (submission: JobSubmission, chosen: SelectedImage | undefined): JobSubmission {
  const { container, environment = [], mounts = [] } = submission
  if (chosen === undefined) return submission
  const { image, interpreters, definition } = chosen
  const told = Object.entries(VARIABLES).flatMap(([language, name]) => {
    const path = interpreters[language as keyof typeof VARIABLES]
    return path === undefined ? [] : [{ name, value: path }]
  })
  const own = new Set<string>(told.map(({ name }) => name))
  return {
    ...submission,
    container: {
      ...container,
      image,
      ...(definition?.supervisor !== undefined && { supervisor: definition.supervisor })
    },
    ...(definition !== undefined && definition.mounts.length > 0 && { mounts: [...mounts, ...definition.mounts] }),
    ...(told.length > 0 && { environment: [...environment.filter(({ name }) => !own.has(name)), ...told] })
  }
}
