// Converts the mounts of a job into volumes of its pod, and refuses a source that does not match its type.

import type { V1Volume } from '@kubernetes/client-node'
import type { Static, TSchema } from 'typebox'
import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { checker } from '../../../launcher/lib/check.ts'
import { MOUNT_SOURCES, type JobSubmission, type MountTypeName } from '../../../launcher/plugin.ts'
import { checkMountSource } from './mount-source.ts'
import type { PodPart } from './pod-part.ts'

type Mount = NonNullable<JobSubmission['mounts']>[number]
type VolumeSource = Omit<V1Volume, 'name'>

interface MountType {
  readonly check: (source: unknown) => Array<{ field: string, problem: string }>
  readonly volume: (source: Record<string, unknown>, readOnly: boolean) => VolumeSource
}

/** Each type has a schema for its source, which admission checks; `volume` can rely on it. */
const TYPES: Readonly<Record<MountTypeName, MountType>> = {
  host: mountType(MOUNT_SOURCES.host, ({ path }) => ({ hostPath: { path } })),
  nfs: mountType(MOUNT_SOURCES.nfs, ({ host, path }, readOnly) => ({ nfs: { server: host, path, readOnly } })),
  cephFs: mountType(MOUNT_SOURCES.cephFs, ({ secretRef, ...source }, readOnly) => ({
    cephfs: { ...source, ...(secretRef !== undefined && { secretRef: { name: secretRef } }), readOnly }
  })),
  glusterFs: mountType(MOUNT_SOURCES.glusterFs, (source, readOnly) => ({ glusterfs: { ...source, readOnly } })),
  azureFile: mountType(MOUNT_SOURCES.azureFile, (source, readOnly) => ({ azureFile: { ...source, readOnly } })),
  persistentVolumeClaim: mountType(MOUNT_SOURCES.persistentVolumeClaim, ({ claimName }) => ({
    persistentVolumeClaim: { claimName }
  })),
  configMap: mountType(MOUNT_SOURCES.configMap, ({ name }) => ({ configMap: { name } })),
  secret: mountType(MOUNT_SOURCES.secret, ({ secretName }) => ({ secret: { secretName } })),
  passthrough: {
    check: source =>
      isOneVolumeSource(source)
        ? []
        : [{ field: '', problem: 'is not exactly one Kubernetes volume source, such as {"emptyDir": {}}' }],
    volume: source => source
  }
}

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

function mountType<S extends TSchema> (
  schema: S, volume: (source: Static<S>, readOnly: boolean) => VolumeSource
): MountType {
  const check = checker(schema)
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
