// Reads the base manifests of a cluster, of its images and of the tags of jobs.

import { policyText, type ReadFile } from '../../../launcher/lib/policy-file.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import type { PolicyConfig } from '../config/config.ts'
import type { ImageDefinition } from '../images/definition.ts'
import type { Base, Bases } from './bases.ts'
import { checkManifest } from './check-manifest.ts'
import { reservedFields, type ManifestKind } from './reserved-fields.ts'
import type { Source } from './traced-value.ts'
import { readManifest } from './read-manifest.ts'

interface Wanted {
  readonly source: Source
  readonly for: Pick<Base, 'image' | 'tag'>
  /** Where the file is named, for a file that cannot be read. */
  readonly namedIn?: Problem
}

/** What is wrong is added to `problems`: the bases count only when nothing was. */
export async function readBases (
  config: PolicyConfig,
  images: readonly ImageDefinition[],
  read: ReadFile,
  problems: Problem[]
): Promise<Bases> {
  return {
    Job: await manifests(
      'Job',
      wantedOf(config.jobBase, config.tagJobBases, images, 'job_base', image => image.jobBase)
    ),
    Service: await manifests(
      'Service',
      wantedOf(config.serviceBase, config.tagServiceBases, images, 'service_base', image => image.serviceBase)
    )
  }

  async function manifests (kind: ManifestKind, wanted: readonly Wanted[]): Promise<Base[]> {
    const bases: Base[] = []
    /** A file that is named more than once is told of once. */
    const told = new Set<string>()
    for (const { source, for: whom, namedIn } of wanted) {
      const found: Problem[] = []
      const text = await policyText(read, source.file, found, namedIn === undefined ? {} : { namedIn })
      const { piece, problems: unread } = text === undefined ? { problems: [] } : readManifest(text, source)
      if (piece !== undefined) bases.push({ ...whom, manifest: piece })
      found.push(
        ...unread,
        ...(piece === undefined
          ? []
          : await checkManifest(piece, kind, reservedFields(kind, config.runtime?.mountPath)))
      )
      if (!told.has(source.file)) problems.push(...found)
      told.add(source.file)
    }
    return bases
  }
}

function wantedOf (
  cluster: string | undefined,
  tagged: readonly string[] = [],
  images: readonly ImageDefinition[],
  key: string,
  fileOf: (image: ImageDefinition) => string | undefined
): Wanted[] {
  return [
    ...(cluster === undefined ? [] : [{ source: { from: 'cluster', file: cluster } as const, for: {} }]),
    ...images.flatMap(image => {
      const file = fileOf(image)
      const { name, line } = image
      return file === undefined
        ? []
        : [
            {
              source: { from: 'image', name, file } as const,
              for: { image: name },
              namedIn: { file: image.file, line, key, problem: 'names' }
            }
          ]
    }),
    ...tagged.map(text => {
      const at = text.lastIndexOf('=/')
      const tag = text.slice(0, at)
      return { source: { from: 'tag', name: tag, file: text.slice(at + 1) } as const, for: { tag } }
    })
  ]
}
