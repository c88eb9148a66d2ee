// Reads the base manifests of a cluster, of its images and of tags.

import { policyText, type ReadFile } from '../../../launcher/lib/policy-file.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import type { PolicyConfig } from '../config/config.ts'
import type { ImageDefinition } from '../images/definition.ts'
import type { Base, Bases } from './bases.ts'
import { checkManifest } from './check-manifest.ts'
import { reservedFields, type ManifestKind } from './reserved-fields.ts'
import type { Source } from './traced-value.ts'
import { readManifest } from './read-manifest.ts'

interface BaseFile {
  readonly source: Source
  readonly target: Pick<Base, 'image' | 'tag'>
  /** The line that names the file, reported if the file cannot be read. */
  readonly namedIn?: Problem
}

/** Adds what is wrong to `problems`. The bases must only be used if nothing was added. */
export async function readBases (
  config: PolicyConfig,
  images: readonly ImageDefinition[],
  read: ReadFile,
  problems: Problem[]
): Promise<Bases> {
  return {
    Job: await readAll(
      'Job',
      baseFilesOf(config.jobBase, config.tagJobBases, images, 'job_base', image => image.jobBase)
    ),
    Service: await readAll(
      'Service',
      baseFilesOf(config.serviceBase, config.tagServiceBases, images, 'service_base', image => image.serviceBase)
    )
  }

  async function readAll (kind: ManifestKind, files: readonly BaseFile[]): Promise<Base[]> {
    const bases: Base[] = []
    /** The problems of a file that is named more than once are reported once. */
    const reportedFiles = new Set<string>()
    for (const { source, target, namedIn } of files) {
      const found: Problem[] = []
      const text = await policyText(read, source.file, found, namedIn === undefined ? {} : { namedIn })
      const { manifest, problems: unreadable } = text === undefined ? { problems: [] } : readManifest(text, source)
      if (manifest !== undefined) bases.push({ ...target, manifest })
      found.push(
        ...unreadable,
        ...(manifest === undefined
          ? []
          : await checkManifest(manifest, kind, reservedFields(kind, config.runtime?.mountPath)))
      )
      if (!reportedFiles.has(source.file)) problems.push(...found)
      reportedFiles.add(source.file)
    }
    return bases
  }
}

function baseFilesOf (
  clusterFile: string | undefined,
  tagFiles: readonly string[] = [],
  images: readonly ImageDefinition[],
  key: string,
  fileOf: (image: ImageDefinition) => string | undefined
): BaseFile[] {
  return [
    ...(clusterFile === undefined ? [] : [{ source: { from: 'cluster', file: clusterFile } as const, target: {} }]),
    ...images.flatMap(image => {
      const file = fileOf(image)
      const { name, line } = image
      return file === undefined
        ? []
        : [
            {
              source: { from: 'image', name, file } as const,
              target: { image: name },
              namedIn: { file: image.file, line, key, problem: 'names' }
            }
          ]
    }),
    ...tagFiles.map(text => {
      const at = text.lastIndexOf('=/')
      const tag = text.slice(0, at)
      return { source: { from: 'tag', name: tag, file: text.slice(at + 1) } as const, target: { tag } }
    })
  ]
}
