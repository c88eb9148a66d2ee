// Completes a submission with an image that has the requested versions, the mounts of that image, and variables with
// the paths of its interpreters. Pure.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import { selectImage, type SelectedImage } from '../images/select.ts'
import type { Strategies } from '../images/match-strategy.ts'
import type { ImageDefinition } from '../images/definition.ts'

/** Environment variables with the paths of the image's interpreters. */
export const VARIABLES = { r: 'JOB_R', python: 'JOB_PYTHON', quarto: 'JOB_QUARTO' } as const

export interface ImageRules {
  /** The current contents of the files of cluster-definition. */
  readonly definitions: readonly ImageDefinition[]
  /** Images that the user's profile allows; undefined if it allows all. */
  readonly allowed: readonly string[] | undefined
  readonly strategies: Strategies
}

/**
 * Selects the image of a submission to which its profile was applied, with the reason why each other was not selected.
 * Returns undefined if the submission requests no versions and no image is defined. Throws InvalidJob or
 * NoMatchingImage, which names the nearest images.
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

/** `selected` is the result of `imageFor`. */
export function completeWithImage (submission: JobSubmission, selected: SelectedImage | undefined): JobSubmission {
  const { container, environment = [], mounts = [] } = submission
  if (selected === undefined) return submission
  const { image, interpreters, definition } = selected
  const variables = Object.entries(VARIABLES).flatMap(([language, name]) => {
    const path = interpreters[language as keyof typeof VARIABLES]
    return path === undefined ? [] : [{ name, value: path }]
  })
  const variableNames = new Set<string>(variables.map(({ name }) => name))
  return {
    ...submission,
    container: {
      ...(definition?.output !== undefined && { output: definition.output }),
      ...container,
      image,
      ...(definition?.supervisor !== undefined && { supervisor: definition.supervisor })
    },
    ...(definition !== undefined && definition.mounts.length > 0 && { mounts: [...mounts, ...definition.mounts] }),
    ...(variables.length > 0 && {
      environment: [...environment.filter(({ name }) => !variableNames.has(name)), ...variables]
    })
  }
}
