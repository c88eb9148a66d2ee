// Keys of the Kubernetes plugin's profiles.

import { BOOLEAN_FORM, parseBoolean } from '../../launcher/lib/boolean.ts'
import { positiveNumber, wholeNumber, type ProfileKey, type Profiles } from '../../launcher/lib/profiles.ts'
import { isImageName } from './image-name.ts'
import { LABEL_KEY, LABEL_VALUE } from './labels.ts'

/** A label that a node must have; without a value, any. */
export interface Placement {
  readonly name: string
  readonly value?: string
}

const ratio: ProfileKey<number> = {
  expected: 'a number greater than 0 and at most 1',
  read (text) {
    const value = positiveNumber.read(text)
    return value === undefined || value > 1 ? undefined : value
  }
}
const image: ProfileKey<string> = { expected: 'the name of an image', read: text => isImageName(text) ? text : undefined }
const boolean: ProfileKey<boolean> = { expected: BOOLEAN_FORM, read: parseBoolean }

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
  'container-images': listOf(image, 'names of images with commas between them'),
  'default-container-image': image,
  'allow-unknown-images': boolean,
  'placement-constraints': listOf<Placement>({ expected: '', read: placement }, 'labels of nodes (name:value, or name for any value) with commas between them')
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

function placement (text: string): Placement | undefined {
  const [name = '', value, ...rest] = text.split(':')
  if (!LABEL_KEY.test(name) || rest.length > 0) return undefined
  if (value === undefined) return { name }
  return value === '' || LABEL_VALUE.test(value) ? { name, value } : undefined
}
