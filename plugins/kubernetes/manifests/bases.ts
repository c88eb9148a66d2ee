// The base manifests of an operator, and the selection of those that apply to a job. Pure.

import type { ManifestKind } from './reserved-fields.ts'
import type { TracedValue } from './traced-value.ts'

export interface Base {
  /** Limits the base to jobs with this image or this tag. With neither, it applies to all jobs. */
  readonly image?: string
  readonly tag?: string
  readonly manifest: TracedValue
}

/** Base Jobs and base Services, each in the order in which they are merged. */
export type Bases = Readonly<Record<ManifestKind, readonly Base[]>>

/** Returns the manifests that apply to a job, in the order in which they are merged. */
export function basesFor (
  bases: readonly Base[],
  { image, tags = [] }: { readonly image: string | undefined; readonly tags?: readonly string[] | undefined }
): TracedValue[] {
  return bases
    .filter(
      base => (base.image === undefined || base.image === image) && (base.tag === undefined || tags.includes(base.tag))
    )
    .map(({ manifest }) => manifest)
}
