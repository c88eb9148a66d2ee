// The keys of the Kubernetes plugin's profiles.

import { BOOLEAN_FORM, parseBoolean } from '../../../launcher/lib/boolean.ts'
import { isImageName } from '../../../launcher/lib/image-name.ts'
import { OUTPUT_PROFILE_KEY } from '../../../launcher/plugin-kit/output-limit.ts'
import { PRIORITY_PROFILE_KEY } from '../../../launcher/plugin-kit/start-rules.ts'
import { TIMEOUT_PROFILE_KEYS } from '../../../launcher/plugin-kit/timeout.ts'
import { positiveNumber, wholeNumber, type ProfileKey, type Profiles } from '../../../launcher/plugin-kit/profiles.ts'
import type { NumberRange } from '../../../launcher/plugin.ts'
import { LABEL_KEY, LABEL_VALUE } from '../metadata/labels.ts'
import { DNS_NAME } from '../metadata/names.ts'
import { readPointer } from '../manifests/json-pointer.ts'
import { RUNTIME_DELIVERIES, type RuntimeDelivery } from '../config/runtime-delivery.ts'
import { isMountType, MOUNT_TYPES } from '../objects/mounts.ts'
import { readRange } from './number-ranges.ts'

/** A label that a node must have. Without `value`, any value is accepted. */
export interface Placement {
  readonly name: string
  readonly value?: string
}

/**
 * A file that holds a value, and the JSON pointer (RFC 6901) to its place in the Job, such as
 * /metadata/annotations/a~1b. The path of the file can be relative to the folder of the profiles.
 */
export interface OverrideFile {
  readonly pointer: string
  readonly valueFile: string
}

const ratio: ProfileKey<number> = {
  expected: 'a number greater than 0 and at most 1',
  read (text) {
    const value = positiveNumber.read(text)
    return value === undefined || value > 1 ? undefined : value
  }
}
const image: ProfileKey<string> = {
  expected: 'the name of an image',
  read: text => (isImageName(text) ? text : undefined)
}
const boolean: ProfileKey<boolean> = { expected: BOOLEAN_FORM, read: parseBoolean }

/** The name of a section in the resource profiles file. */
export const RESOURCE_PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/
const resourceProfile: ProfileKey<string> = {
  expected: '',
  read: text => (RESOURCE_PROFILE_NAME.test(text) ? text : undefined)
}
const serviceAccount: ProfileKey<string> = {
  expected: '',
  read: text => (DNS_NAME.test(text) ? text : undefined)
}
const mountType: ProfileKey<string> = {
  expected: '',
  read: text => (isMountType(text) || /^passthrough:[A-Za-z]+$/.test(text) ? text : undefined)
}
const tag: ProfileKey<string> = { expected: '', read: text => (text === '' ? undefined : text) }
const range: ProfileKey<NumberRange> = { expected: '', read: readRange }
const delivery: ProfileKey<RuntimeDelivery> = {
  expected: `one of ${RUNTIME_DELIVERIES.join(', ')}`,
  read: text => RUNTIME_DELIVERIES.find(each => each === text)
}
const path: ProfileKey<string> = { expected: 'a path', read: text => (text === '' ? undefined : text) }
const override: ProfileKey<OverrideFile> = { expected: '', read: readOverrideFile }
/** Resource profiles use this key too. */
export const placements = listOf<Placement>(
  { expected: '', read: readPlacement },
  'labels of nodes (name:value, or name for any value) with commas between them'
)

export const PROFILE_KEYS = {
  'default-cpus': positiveNumber,
  'max-cpus': positiveNumber,
  'default-cpus-request': positiveNumber,
  'max-cpus-request': positiveNumber,
  'cpu-request-ratio': ratio,
  'default-mem-mb': positiveNumber,
  'max-mem-mb': positiveNumber,
  'default-mem-mb-request': positiveNumber,
  'max-mem-mb-request': positiveNumber,
  'memory-request-ratio': ratio,
  'default-nvidia-gpus': wholeNumber,
  'max-nvidia-gpus': wholeNumber,
  'default-amd-gpus': wholeNumber,
  'max-amd-gpus': wholeNumber,
  ...OUTPUT_PROFILE_KEY,
  ...TIMEOUT_PROFILE_KEYS,
  'container-images': listOf(image, 'names of images with commas between them'),
  'default-container-image': image,
  'allow-unknown-images': boolean,
  'placement-constraints': placements,
  'resource-profiles': listOf(resourceProfile, 'names of resource profiles with commas between them'),
  'allow-custom-resources': boolean,
  'service-accounts': listOf(serviceAccount, 'names of service accounts with commas between them'),
  'tolerations-file': path,
  'job-json-overrides': listOf(
    override,
    'JSON pointers with files (/spec/template/spec/priorityClassName:value.json) with commas between them'
  ),
  'mount-types': listOrNone(
    mountType,
    `none, or types of mounts (${MOUNT_TYPES.join(', ')}, passthrough:KIND) with commas between them`
  ),
  'allow-data-mounts': boolean,
  'allow-host': boolean,
  'base-tags': listOrNone(tag, 'none, or tags with commas between them'),
  'published-ports': listOrNone(range, 'none, or ports and ranges of ports (30000-32767) with commas between them'),
  'run-as-user-ids': listOf(range, 'ids and ranges of ids (1000-1999) with commas between them'),
  'run-as-group-ids': listOf(range, 'ids and ranges of ids (1000-1999) with commas between them'),
  'runtime-delivery': delivery,
  ...PRIORITY_PROFILE_KEY
} as const

export type KubernetesProfiles = Profiles<typeof PROFILE_KEYS>

function listOf<Item> ({ read }: ProfileKey<Item>, expected: string): ProfileKey<readonly Item[]> {
  return {
    expected,
    read (text) {
      const items = text.split(',').map(item => read(item.trim()))
      return items.every(item => item !== undefined) ? items : undefined
    }
  }
}

/** `none` is the empty list. An empty text is refused, because it may be a forgotten value. */
function listOrNone<Item> (item: ProfileKey<Item>, expected: string): ProfileKey<readonly Item[]> {
  const list = listOf(item, expected)
  return { expected, read: text => (text === 'none' ? [] : list.read(text)) }
}

function readPlacement (text: string): Placement | undefined {
  const [name = '', value, ...rest] = text.split(':')
  if (!LABEL_KEY.test(name) || rest.length > 0) return undefined
  if (value === undefined) return { name }
  return value === '' || LABEL_VALUE.test(value) ? { name, value } : undefined
}

/**
 * An absolute path begins after the last `:/`, so the pointer can contain colons. Otherwise the path begins after the
 * last colon.
 */
function readOverrideFile (text: string): OverrideFile | undefined {
  const colon = text.includes(':/') ? text.lastIndexOf(':/') : text.lastIndexOf(':')
  const pointer = text.slice(0, Math.max(0, colon))
  const valueFile = text.slice(colon + 1)
  return valueFile !== '' && pointer.startsWith('/') && readPointer(pointer) !== undefined
    ? { pointer, valueFile }
    : undefined
}
