// Returns the origins of values in a Job that the launcher sets because a line of the operator's files says so. Pure.

import type { V1Job } from '@kubernetes/client-node'
import { defined } from '../../../launcher/lib/defined.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import type { DecidedLimit, JobSubmission } from '../../../launcher/plugin.ts'
import type { ImageDefinition } from '../images/definition.ts'
import { volumeName } from '../objects/mounts.ts'
import { QUANTITY_OF, isKnownLimit } from '../objects/resource-requirements.ts'
import type { ResourceProfile } from '../policy/resource-profiles.ts'
import { pointerOf } from '../manifests/json-pointer.ts'
import { VARIABLES } from './select-image.ts'
import type { PartOrigin } from './object-yaml.ts'

/** The sources from which a submission was completed. */
export interface CompletedWith {
  readonly requested: JobSubmission
  readonly limits: readonly DecidedLimit[]
  readonly resourceProfile?: ResourceProfile | undefined
  readonly definition?: ImageDefinition | undefined
  /** The profile's image for jobs that name none. */
  readonly defaultImage?: ProfileValue<string> | undefined
}

type OriginAtPath = [path: ReadonlyArray<string | number>, origin: PartOrigin['origin']]

const POD = ['spec', 'template', 'spec']
/** The program's container comes first. */
const CONTENT = [...POD, 'containers', 0]

/**
 * Leaves out the parts that `mergedOrigins` contains: base manifests and overrides are applied after the submission was
 * completed.
 */
export function valueOrigins (
  job: V1Job,
  completedWith: CompletedWith,
  mergedOrigins: readonly PartOrigin[]
): PartOrigin[] {
  const parts = [...limitParts(completedWith), ...imageParts(job, completedWith), ...placementParts(completedWith)]
  return parts
    .map(([path, origin]) => ({ pointer: pointerOf(path), origin }))
    .filter(
      ({ pointer }) =>
        !mergedOrigins.some(other => pointer === other.pointer || pointer.startsWith(`${other.pointer}/`))
    )
}

function limitParts ({ limits, resourceProfile }: CompletedWith): OriginAtPath[] {
  return limits.flatMap(({ type, value, setBy }): OriginAtPath[] => {
    const { key: name, file, line } = setBy ?? {}
    if (name === undefined || file === undefined || value === undefined || !isKnownLimit(type)) return []
    const { part, resource } = QUANTITY_OF[type]
    return [
      [
        [...CONTENT, 'resources', part, resource],
        { from: file === resourceProfile?.file ? 'resource-profile' : 'profile', name, file, ...defined({ line }) }
      ]
    ]
  })
}

function imageParts ({ spec }: V1Job, { requested, definition, defaultImage }: CompletedWith): OriginAtPath[] {
  const { containers = [], volumes = [] } = spec?.template.spec ?? {}
  const { image, command = [], env = [], volumeMounts = [] } = containers[0] ?? {}
  const isDefaultImage =
    requested.container === undefined &&
    requested.runtime === undefined &&
    defaultImage !== undefined &&
    defaultImage.value === image
  const defaultImagePart: OriginAtPath[] = isDefaultImage
    ? [
        [
          [...CONTENT, 'image'],
          { from: 'profile', name: 'default-container-image', file: defaultImage.file, line: defaultImage.line }
        ]
      ]
    : []
  if (definition === undefined) return defaultImagePart
  const { name, file, line, mounts, supervisor } = definition
  const ownMounts = requested.mounts?.length ?? 0
  const names = mounts.map((_, index) => volumeName(ownMounts + index))
  const variables: readonly string[] = Object.values(VARIABLES)
  const indexes = <Item extends { name: string }>(list: readonly Item[], wanted: readonly string[]): number[] =>
    [...list.keys()].filter(index => wanted.includes(list[index]!.name))
  const paths = [
    ...(requested.container === undefined && !isDefaultImage ? [[...CONTENT, 'image']] : []),
    ...(supervisor !== undefined && command[0] === supervisor ? [[...CONTENT, 'command', 0]] : []),
    ...indexes(env, variables).map(index => [...CONTENT, 'env', index]),
    ...indexes(volumeMounts, names).map(index => [...CONTENT, 'volumeMounts', index]),
    ...indexes(volumes, names).map(index => [...POD, 'volumes', index])
  ]
  return [
    ...defaultImagePart,
    ...paths.map((path): OriginAtPath => [path, { from: 'image-definition', name, file, line }])
  ]
}

function placementParts ({ resourceProfile }: CompletedWith): OriginAtPath[] {
  const { name, file, line, placementConstraints = [] } = resourceProfile ?? {}
  return placementConstraints.flatMap(({ name: label, value }): OriginAtPath[] =>
    value === undefined
      ? []
      : [[[...POD, 'nodeSelector', label], { from: 'resource-profile', name: name!, file: file!, line: line! }]]
  )
}
