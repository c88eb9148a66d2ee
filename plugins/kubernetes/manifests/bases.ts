// The base manifests that an operator has given, and which of them count for a job. Pure.

import type { ManifestKind } from './reserved-fields.ts'
import type { TracedValue } from './traced-value.ts'

/** In the order in which they are merged. */
export interface Base {
  /** The image or the tag of the jobs that it is for; with neither it is for all. */
  readonly image?: string
  readonly tag?: string
  readonly manifest: TracedValue
}

/** Base Jobs and base Services. */
export type Bases = Readonly<Record<ManifestKind, readonly Base[]>>

/** The manifests that count for a job, the one that is merged first at the front. */
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
