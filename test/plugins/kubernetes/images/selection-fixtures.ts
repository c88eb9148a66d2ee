// What the cases of image selection share. Each case has its name, the image definitions in the order of the files, the
// job's request, and the result. To add a case, add it to the file of its topic.

import type { Strategies } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import type { Matching } from '../../../../plugins/kubernetes/images/definition.ts'

/** Versions of each language, separated by spaces. */
export interface CaseImage {
  readonly r?: string
  readonly python?: string
  readonly quarto?: string
  readonly matching?: Matching
}

export interface SelectionCase {
  readonly shows: string
  /** The images by name. */
  readonly images: Readonly<Record<string, CaseImage>>
  readonly asks?: { readonly r?: string, readonly python?: string, readonly quarto?: string }
  /** The image that the job specifies. */
  readonly names?: string
  readonly allowed?: readonly string[]
  readonly strategies?: Partial<Strategies>
  /** The selected image; omitted if the job is refused. */
  readonly gives?: string
  /** Versions that the job gets of these languages. */
  readonly with?: { readonly r?: string, readonly python?: string, readonly quarto?: string }
  /** Parts of the refusal, or of the reason why another image was not selected. */
  readonly says?: readonly string[]
  /** Code of the refusal. */
  readonly refused?: 'NoMatchingImage' | 'InvalidJob'
}

export const MATRIX = {
  old: { r: '4.2.3', python: '3.9.18', quarto: '1.3.450' },
  mid: { r: '4.3.3', python: '3.11.9', quarto: '1.4.557' },
  new: { r: '4.4.1', python: '3.12.4', quarto: '1.5.57' }
} as const
export const ONE = { r: { r: '4.4.1' }, py: { python: '3.11.4' }, q: { quarto: '1.4.550' } } as const
