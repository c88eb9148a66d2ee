// Says where values of a Job come from that the launcher sets, but has from a line of the operator's files. Pure.

import type { V1Job } from '@kubernetes/client-node'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import type { DecidedLimit, JobSubmission } from '../../../launcher/plugin.ts'
import type { ImageDefinition } from '../images/definition.ts'
import { volumeName } from '../objects/mounts.ts'
import { QUANTITY_OF, isKnownLimit } from '../objects/resource-requirements.ts'
import type { ResourceProfile } from '../policy/resource-profiles.ts'
import { pointerOf } from '../manifests/json-pointer.ts'
import { VARIABLES } from './select-image.ts'
import type { PartOrigin } from './object-yaml.ts'

/** What a job was completed with. */
export interface CompletedWith {
  readonly asked: JobSubmission
  readonly limits: readonly DecidedLimit[]
  readonly resourceProfile?: ResourceProfile | undefined
  readonly definition?: ImageDefinition | undefined
  /** The profile's image for jobs that name none. */
  readonly presetImage?: ProfileValue<string> | undefined
}

type Part = [way: ReadonlyArray<string | number>, origin: PartOrigin['origin']]

const POD = ['spec', 'template', 'spec']
/** The container of the program comes first. */
const CONTENT = [...POD, 'containers', 0]

/**
 * Without the parts that `shaped` already tells of: what shapes an object comes after what the job was completed with.
 */
export function valueOrigins (job: V1Job, given: CompletedWith, shaped: readonly PartOrigin[]): PartOrigin[] {
  const parts = [...limitParts(given), ...imageParts(job, given), ...placementParts(given)]
  return parts
    .map(([way, origin]) => ({ pointer: pointerOf(way), origin }))
    .filter(
      ({ pointer }) => !shaped.some(other => pointer === other.pointer || pointer.startsWith(`${other.pointer}/`))
    )
}

function limitParts ({ limits, resourceProfile }: CompletedWith): Part[] {
  return limits.flatMap(({ type, value, setBy }): Part[] => {
    if (setBy === undefined || value === undefined || !isKnownLimit(type)) return []
    const { key: name, file, line } = setBy
    const { part, resource } = QUANTITY_OF[type]
    return [
      [
        [...CONTENT, 'resources', part, resource],
        { from: file === resourceProfile?.file ? 'resource-profile' : 'profile', name, file, line }
      ]
    ]
  })
}

function imageParts ({ spec }: V1Job, { asked, definition, presetImage }: CompletedWith): Part[] {
  const { containers = [], volumes = [] } = spec?.template.spec ?? {}
  const { image, command = [], env = [], volumeMounts = [] } = containers[0] ?? {}
  const fromPreset =
    asked.container === undefined &&
    asked.runtime === undefined &&
    presetImage !== undefined &&
    presetImage.value === image
  const preset: Part[] = fromPreset
    ? [
        [
          [...CONTENT, 'image'],
          { from: 'profile', name: 'default-container-image', file: presetImage.file, line: presetImage.line }
        ]
      ]
    : []
  if (definition === undefined) return preset
  const { name, file, line, mounts, supervisor } = definition
  const ownMounts = asked.mounts?.length ?? 0
  const names = mounts.map((_, index) => volumeName(ownMounts + index))
  const variables: readonly string[] = Object.values(VARIABLES)
  const indexes = <Item extends { name: string }>(list: readonly Item[], wanted: readonly string[]): number[] =>
    [...list.keys()].filter(index => wanted.includes(list[index]!.name))
  const ways = [
    ...(asked.container === undefined && !fromPreset ? [[...CONTENT, 'image']] : []),
    ...(supervisor !== undefined && command[0] === supervisor ? [[...CONTENT, 'command', 0]] : []),
    ...indexes(env, variables).map(index => [...CONTENT, 'env', index]),
    ...indexes(volumeMounts, names).map(index => [...CONTENT, 'volumeMounts', index]),
    ...indexes(volumes, names).map(index => [...POD, 'volumes', index])
  ]
  return [...preset, ...ways.map((way): Part => [way, { from: 'image-definition', name, file, line }])]
}

function placementParts ({ resourceProfile }: CompletedWith): Part[] {
  const { name, file, line, placementConstraints = [] } = resourceProfile ?? {}
  return placementConstraints.flatMap(({ name: label, value }): Part[] =>
    value === undefined
      ? []
      : [[[...POD, 'nodeSelector', label], { from: 'resource-profile', name: name!, file: file!, line: line! }]]
  )
}
