// Returns which parts of a Job come from keys of the cluster's configuration. Pure.

import type { V1Job } from '@kubernetes/client-node'
import { DATA_VOLUME } from '../objects/data-mounts.ts'
import { RUNTIME_CONTAINER, RUNTIME_VOLUME } from '../objects/runtime-components.ts'
import type { Origin } from './traced-value.ts'
import { CONTENT } from '../metadata/names.ts'

const FILE = 'launcher.kubernetes.conf'
const POD = '/spec/template/spec'

/** `pointer` is a JSON pointer into the finished Job. */
export function operatorOnlyParts (job: V1Job): Array<{ pointer: string, origin: Origin }> {
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
    ...configuredItems(
      `${POD}/volumes`,
      volumes,
      ({ name, persistentVolumeClaim }) => name === DATA_VOLUME && persistentVolumeClaim !== undefined,
      'data-dir-pvc-name'
    ),
    ...configuredItems(
      `${POD}/volumes`,
      volumes,
      ({ name, persistentVolumeClaim }) => name === DATA_VOLUME && persistentVolumeClaim === undefined,
      'data-dir'
    ),
    ...configuredItems(
      `${POD}/containers/${program}/volumeMounts`,
      containers[program]?.volumeMounts ?? [],
      ({ name }) => name === RUNTIME_VOLUME,
      'runtime-mount-path'
    )
  ]
}

function configuredItems<Item> (
  list: string,
  items: readonly Item[],
  matches: (item: Item) => boolean,
  key: string
): Array<{ pointer: string; origin: Origin }> {
  return items.flatMap((item, index) =>
    matches(item) ? [{ pointer: `${list}/${index}`, origin: { from: 'configuration', name: key, file: FILE } }] : []
  )
}
