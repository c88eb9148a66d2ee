// Converts the mounts of a job into volumes of its pod, and refuses a source that does not match its type.

import type { V1Volume } from '@kubernetes/client-node'
import { Type, type Static, type TObject } from 'typebox'
import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { checker } from '../../../launcher/lib/check.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { checkMountSource } from './mount-source.ts'
import type { PodPart } from './pod-part.ts'

type Mount = NonNullable<JobSubmission['mounts']>[number]
type VolumeSource = Omit<V1Volume, 'name'>

interface MountType {
  readonly check: (source: unknown) => Array<{ field: string, problem: string }>
  readonly volume: (source: Record<string, unknown>, readOnly: boolean) => VolumeSource
}

const Text = Type.String({ minLength: 1 })
const Path = Type.String({ pattern: '^/', expected: 'an absolute path' })
const SubPath = Type.Optional(
  Type.String({
    pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$)).+$',
    expected: 'a path inside the volume, without / at its start and without ..'
  })
)

/** Each type has a schema for its source, which admission checks; `volume` can rely on it. */
const TYPES = {
  host: mountType({ path: Path }, ({ path }) => ({ hostPath: { path } })),
  nfs: mountType({ host: Text, path: Path }, ({ host, path }, readOnly) => ({ nfs: { server: host, path, readOnly } })),
  cephFs: mountType(
    {
      monitors: Type.Array(Text, { minItems: 1 }),
      path: Type.Optional(Path),
      user: Type.Optional(Text),
      secretFile: Type.Optional(Path),
      secretRef: Type.Optional(Text)
    },
    ({ secretRef, ...source }, readOnly) => ({
      cephfs: { ...source, ...(secretRef !== undefined && { secretRef: { name: secretRef } }), readOnly }
    })
  ),
  glusterFs: mountType({ endpoints: Text, path: Text }, (source, readOnly) => ({ glusterfs: { ...source, readOnly } })),
  azureFile: mountType({ secretName: Text, shareName: Text }, (source, readOnly) => ({
    azureFile: { ...source, readOnly }
  })),
  persistentVolumeClaim: mountType({ claimName: Text, subPath: SubPath }, ({ claimName }) => ({
    persistentVolumeClaim: { claimName }
  })),
  configMap: mountType({ name: Text, subPath: SubPath }, ({ name }) => ({ configMap: { name } })),
  secret: mountType({ secretName: Text, subPath: SubPath }, ({ secretName }) => ({ secret: { secretName } })),
  passthrough: {
    check: source =>
      isOneVolumeSource(source)
        ? []
        : [{ field: '', problem: 'is not exactly one Kubernetes volume source, such as {"emptyDir": {}}' }],
    volume: source => source
  }
} satisfies Record<string, MountType>

export type MountTypeName = keyof typeof TYPES
export const MOUNT_TYPES = Object.keys(TYPES) as MountTypeName[]

export function isMountType (type: string): type is MountTypeName {
  return Object.hasOwn(TYPES, type)
}

/** Throws InvalidJob or NotSupportedByCluster, which name the field. */
export function checkMounts (mounts: readonly Mount[] = []): void {
  mounts.forEach(({ type, source }, index) => {
    const field = `mounts[${index}]`
    if (!isMountType(type)) {
      throw new LauncherError(
        'NotSupportedByCluster',
        `${field}.type is ${JSON.stringify(type)}; this cluster supports ${MOUNT_TYPES.join(', ')}.`,
        { field: `${field}.type` }
      )
    }
    const problem = TYPES[type].check(source)[0]
    if (problem !== undefined) {
      const where = [`${field}.source`, problem.field].filter(part => part !== '').join('.')
      throw invalidJob(where, `${where} ${problem.problem} (mount of type ${type}).`)
    }
    checkMountSource(`${field}.source`, source)
  })
}

/** The mounts must have passed `checkMounts`. */
export function mountParts (mounts: readonly Mount[] = []): PodPart {
  return {
    initContainers: [],
    volumes: mounts.map(({ type, source, readOnly = false }, index) => ({
      name: volumeName(index),
      ...TYPES[type as MountTypeName].volume(source, readOnly)
    })),
    volumeMounts: mounts.map(({ mountPath, readOnly = false, source, type }, index) => ({
      name: volumeName(index),
      mountPath,
      ...(readOnly && { readOnly }),
      ...(type !== 'passthrough' && typeof source.subPath === 'string' && { subPath: source.subPath })
    }))
  }
}

function mountType<P extends Parameters<typeof Type.Object>[0]> (
  properties: P, volume: (source: Static<TObject<P>>, readOnly: boolean) => VolumeSource
): MountType {
  const check = checker(Type.Object(properties, { additionalProperties: false }))
  return {
    check: source => check(source).problems,
    volume: volume as MountType['volume']
  }
}

function isOneVolumeSource (source: unknown): boolean {
  if (typeof source !== 'object' || source === null) return false
  const [entry, ...rest] = Object.entries(source)
  return (
    entry !== undefined && rest.length === 0 && entry[0] !== 'name' && typeof entry[1] === 'object' && entry[1] !== null
  )
}

/** Name of the volume of a mount, by the index of the mount in the job. */
export function volumeName (index: number): string {
  return `mount-${index}`
}
