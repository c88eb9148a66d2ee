// Rejects a Job that Kubernetes would not accept because of what base manifests and overrides add to it. Pure.

import type { V1Container, V1Job } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import { plainOf, type TracedValue } from './traced-value.ts'

/** The limit of Kubernetes for all annotations of an object together. */
const MAX_ANNOTATION_BYTES = 262_144
/** Kubernetes stores objects of up to 1.5 MiB. The difference is room for what the cluster adds. */
const MAX_OBJECT_BYTES = 1_400_000

/** Throws InvalidJob. */
export function checkMerged (merged: TracedValue): void {
  const { metadata, spec } = plainOf(merged) as V1Job
  const { containers = [], initContainers = [] } = spec?.template.spec ?? {}
  for (const { name, image } of [...containers, ...initContainers] as Array<Partial<V1Container>>) {
    if (image === undefined) {
      throw invalidJob(`The container ${name}, which the operator adds to the pod, has no image.`)
    }
  }
  const annotations = Object.entries(metadata?.annotations ?? {}).reduce(
    (sum, texts) => sum + Buffer.byteLength(texts.join('')),
    0
  )
  if (annotations > MAX_ANNOTATION_BYTES) {
    throw invalidJob(
      `The job and the base Job together have ${annotations} bytes of annotations; Kubernetes accepts at most ` +
      `${MAX_ANNOTATION_BYTES}.`
    )
  }
  const bytes = Buffer.byteLength(JSON.stringify({ metadata, spec }))
  if (bytes > MAX_OBJECT_BYTES) {
    throw invalidJob(
      `The job has ${bytes} bytes with what the operator adds to it; Kubernetes stores at most ${MAX_OBJECT_BYTES}.`
    )
  }
}

function invalidJob (message: string): LauncherError {
  return new LauncherError('InvalidJob', message, { object: 'Job' })
}
