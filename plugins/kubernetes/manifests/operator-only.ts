// Returns which parts of a Job come from keys of the cluster's configuration. Pure.

import type { V1Job, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import { DATA_VOLUMES } from '../objects/data-mounts.ts'
import { RUNTIME_CONTAINER, RUNTIME_VOLUME } from '../objects/runtime-components.ts'
import { WAIT_CONTAINER } from '../objects/wait-for-files.ts'
import type { Origin } from './traced-value.ts'
import { CONTENT } from '../metadata/names.ts'

const FILE = 'launcher.kubernetes.conf'
const POD = '/spec/template/spec'
const OWN_CONTAINERS: readonly string[] = [CONTENT, RUNTIME_CONTAINER, WAIT_CONTAINER]

interface OperatorPart {
  /** A JSON pointer into the finished Job. */
  readonly pointer: string
  readonly origin: Origin
}

/** The line of a profile that sets a key. */
interface ProfileLine {
  readonly file: string
  readonly line: number
}

/**
 * What the level restricted adds is in `restrictedParts`. `delivery` is the line of the user's profile with
 * runtime-delivery.
 */
export function operatorOnlyParts (job: V1Job, delivery?: ProfileLine): OperatorPart[] {
  const { initContainers = [], containers = [], volumes = [] } = job.spec?.template.spec ?? {}
  const program = containers.findIndex(({ name }) => name === CONTENT)
  return [
    ...configuredItems(
      `${POD}/initContainers`,
      initContainers,
      ({ name }) => name === RUNTIME_CONTAINER,
      'runtime-init-image'
    ),
    ...configuredItems(`${POD}/volumes`, volumes, ({ name }) => name === RUNTIME_VOLUME, 'runtime-init-image'),
    ...deliveryParts(volumes, delivery),
    ...configuredItems(
      `${POD}/volumes`,
      volumes,
      ({ name, persistentVolumeClaim }) => DATA_VOLUMES.test(name) && persistentVolumeClaim !== undefined,
      'data-dir-pvc-name'
    ),
    ...configuredItems(
      `${POD}/volumes`,
      volumes,
      ({ name, persistentVolumeClaim }) => DATA_VOLUMES.test(name) && persistentVolumeClaim === undefined,
      'data-dir'
    ),
    ...configuredItems(
      `${POD}/containers/${program}/volumeMounts`,
      containers[program]?.volumeMounts ?? [],
      ({ name }) => name === RUNTIME_VOLUME,
      'runtime-mount-path'
    ),
    ...imagePathParts(`${POD}/containers/${program}/volumeMounts`, containers[program]?.volumeMounts ?? [])
  ]
}

/** The kind of the volume: without a profile, an empty volume is the result of no key. */
function deliveryParts (volumes: readonly V1Volume[], delivery: ProfileLine | undefined) {
  const origin: Origin = delivery === undefined
    ? { from: 'configuration', name: 'runtime-delivery', file: FILE }
    : { from: 'profile', name: 'runtime-delivery', file: delivery.file, line: delivery.line }
  return volumes.flatMap(({ name, image }, index): OperatorPart[] => {
    if (name !== RUNTIME_VOLUME || (image === undefined && delivery === undefined)) return []
    return [{ pointer: `${POD}/volumes/${index}/${image === undefined ? 'emptyDir' : 'image'}`, origin }]
  })
}

function imagePathParts (list: string, mounts: readonly V1VolumeMount[]): OperatorPart[] {
  return mounts.flatMap(({ name, subPath }, index) =>
    name === RUNTIME_VOLUME && subPath !== undefined
      ? [{
          pointer: `${list}/${index}/subPath`,
          origin: { from: 'configuration', name: 'runtime-image-path', file: FILE }
        }]
      : []
  )
}

function configuredItems<Item> (
  list: string,
  items: readonly Item[],
  matches: (item: Item) => boolean,
  key: string
): OperatorPart[] {
  return items.flatMap((item, index) =>
    matches(item) ? [{ pointer: `${list}/${index}`, origin: { from: 'configuration', name: key, file: FILE } }] : []
  )
}

/** What the Pod Security level restricted adds to the Job. A base manifest may have set the same. */
export function restrictedParts (job: V1Job): OperatorPart[] {
  const { securityContext, initContainers = [], containers = [] } = job.spec?.template.spec ?? {}
  const origin: Origin = { from: 'configuration', name: 'pod-security', file: FILE }
  const capabilities = Object.entries({ initContainers, containers }).flatMap(([list, items]) =>
    items.flatMap(({ name, securityContext }, index) =>
      OWN_CONTAINERS.includes(name) && securityContext?.capabilities?.drop !== undefined
        ? [{ pointer: `${POD}/${list}/${index}/securityContext/capabilities/drop`, origin }]
        : []
    )
  )
  return [
    ...(securityContext?.runAsNonRoot === undefined
      ? []
      : [{ pointer: `${POD}/securityContext/runAsNonRoot`, origin }]),
    ...capabilities
  ]
}
