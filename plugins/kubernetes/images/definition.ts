// Reads image definitions: the known images, and the versions of R, Python and other languages that each has.

import { isSeq } from 'yaml'
import { BOOLEAN_FORM, parseBoolean } from '../../../launcher/lib/boolean.ts'
import { isImageName } from '../../../launcher/lib/image-name.ts'
import { besideFile } from '../../../launcher/lib/policy-file.ts'
import { placeOf, type Problem } from '../../../launcher/lib/problem.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { readVersion, VERSION_FORM } from './version.ts'
import { listOf, objectOf, readYaml, text, type Shape } from '../../../launcher/lib/yaml-shape.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'

/** Languages that an image can have, with their display names. */
export const LANGUAGES = {
  r: 'R',
  python: 'Python',
  quarto: 'Quarto',
  tensorflow: 'TensorFlow',
  nodejs: 'Node.js'
} as const
export type Language = keyof typeof LANGUAGES

/** `any`: may be selected; `exact`: only for a job that names it; `none`: for no job. */
const MATCHING = ['any', 'exact', 'none'] as const
export type Matching = typeof MATCHING[number]

const OUTPUTS = ['data', 'node'] as const
export type ImageOutput = typeof OUTPUTS[number]

export interface Installation {
  /** Three numbers. */
  readonly version: string
  /** Absolute, inside the image. */
  readonly path: string
}

export interface ImageDefinition {
  /** Image reference. Unique across all files. */
  readonly name: string
  readonly title?: string
  readonly matching: Matching
  /** Program inside the image that must start the job's program. */
  readonly supervisor?: string
  /** Where jobs with this image keep their output, if they do not decide themselves. */
  readonly output?: ImageOutput
  /** In the order of the file. Each version appears at most once. */
  readonly installations: Readonly<Record<Language, readonly Installation[]>>
  /** Mounts of every job with this image, in the same form as a job's own mounts. */
  readonly mounts: readonly Mount[]
  /** Files with the base Job and the base Service of jobs with this image. */
  readonly jobBase?: string
  readonly serviceBase?: string
  readonly file: string
  readonly line: number
}

export interface DefinitionText {
  readonly file: string
  readonly text: string
}

type Mount = NonNullable<JobSubmission['mounts']>[number]
type ParsedDefinition = Omit<ImageDefinition, 'file'> & { readonly field: string }

const nonEmptyString = text('a non-empty string', value => (value === '' ? undefined : value))
const absolutePath = text('an absolute path', value => (/^\/[^\0]*$/.test(value) ? value : undefined))
const policyPath = text('a path', value => (/^[^\0]+$/.test(value) ? value : undefined))
const mountPath = text('an absolute path without a colon', value =>
  /^\/[^\0:]*$/.test(value) ? withoutTrailingSlashes(value) || '/' : undefined
)
const boolean = text(BOOLEAN_FORM, parseBoolean)
const image = text('the name of an image', value => isImageName(value) ? value : undefined)
const matching = text(`one of ${MATCHING.join(', ')}`, value => MATCHING.find(known => known === value))
const output = text(`one of ${OUTPUTS.join(', ')}`, value => OUTPUTS.find(known => known === value))
const volumeType = text('one of nfs, pvc', value => value === 'nfs' || value === 'pvc' ? value : undefined)

const installation = objectOf(
  { path: absolutePath, version: text(VERSION_FORM, value => (readVersion(value) === undefined ? undefined : value)) },
  {}
)
const language = objectOf({ installations: uniqueBy(installation, 'version') }, {})

const SOURCE_KEYS = { nfs: ['nfs_host', 'nfs_export_path'], pvc: ['pvc_name'] } as const
const source: Shape<Pick<Mount, 'type' | 'source'>> = spot => {
  const found = objectOf(
    { volume_type: volumeType },
    { nfs_host: nonEmptyString, nfs_export_path: absolutePath, pvc_name: nonEmptyString }
  )(spot)
  if (found === undefined) return undefined
  const { volume_type: type, ...keys } = found
  const required = SOURCE_KEYS[type]
  const isValid = Object.keys(keys).length === required.length && required.every(key => Object.hasOwn(keys, key))
  if (!isValid) {
    return spot.report(
      `must have ${required.join(' and ')} and nothing else for volume_type ${type}; it has ` +
      `${Object.keys(keys).join(', ') || 'nothing'}`
    ) as undefined
  }
  return type === 'nfs'
    ? { type, source: { host: keys.nfs_host, path: keys.nfs_export_path } }
    : { type: 'persistentVolumeClaim', source: { claimName: keys.pvc_name } }
}
const target = objectOf({ path: mountPath }, { read_only: boolean })
const volumeMount: Shape<Mount> = spot => {
  const found = objectOf({ source, target }, {})(spot)
  return found === undefined
    ? undefined
    : { mountPath: found.target.path, ...found.source, readOnly: found.target.read_only ?? false }
}
const volumeMounts = uniqueBy<Mount, 'mountPath'>(volumeMount, 'mountPath', 'target.path')

const imageKeys = objectOf(
  { name: image },
  {
    title: nonEmptyString,
    matching,
    supervisor: absolutePath,
    output,
    job_base: policyPath,
    service_base: policyPath,
    r: language,
    python: language,
    quarto: language,
    tensorflow: language,
    nodejs: language,
    volume_mounts: volumeMounts
  }
)
const definition: Shape<ParsedDefinition> = spot => {
  const found = imageKeys(spot)
  if (found === undefined) return undefined
  const {
    name,
    title,
    supervisor,
    output,
    job_base: jobBase,
    service_base: serviceBase,
    matching = 'any',
    volume_mounts: mounts = []
  } = found
  const installationsOf = (key: Language): Installation[] => found[key]?.installations ?? []
  return {
    name,
    ...(title !== undefined && { title }),
    matching,
    ...(supervisor !== undefined && { supervisor }),
    ...(output !== undefined && { output }),
    ...(jobBase !== undefined && { jobBase }),
    ...(serviceBase !== undefined && { serviceBase }),
    installations: {
      r: installationsOf('r'),
      python: installationsOf('python'),
      quarto: installationsOf('quarto'),
      tensorflow: installationsOf('tensorflow'),
      nodejs: installationsOf('nodejs')
    },
    mounts,
    line: spot.line,
    field: spot.field
  }
}
const clusterDefinition: Shape<ParsedDefinition[]> = spot => {
  if (spot.node === undefined || spot.node === null) {
    return spot.report('is empty; write images: [] to define none') as undefined
  }
  const images = listOf(definition)
  return isSeq(spot.node) ? images(spot) : objectOf({ images }, { name: nonEmptyString })(spot)?.images
}

/**
 * Returns the definitions of all files, in the order of the files. Adds what is wrong to `problems`. The definitions
 * must only be used if nothing was added.
 */
export function parseDefinitions (texts: readonly DefinitionText[], problems: Problem[]): readonly ImageDefinition[] {
  const known = new Map<string, ImageDefinition>()
  for (const { file, text } of texts) {
    const { value = [], problems: found } = readYaml(text, file, clusterDefinition)
    problems.push(...found)
    for (const { field, jobBase, serviceBase, ...rest } of value) {
      const first = known.get(rest.name)
      if (first === undefined) {
        known.set(rest.name, {
          ...rest,
          ...(jobBase !== undefined && { jobBase: besideFile(file, jobBase) }),
          ...(serviceBase !== undefined && { serviceBase: besideFile(file, serviceBase) }),
          file
        })
      } else {
        problems.push({
          file,
          line: rest.line,
          key: `${field}.name`,
          problem: `is already defined in ${placeOf(first)}: ${rest.name}`
        })
      }
    }
  }
  return [...known.values()]
}

/** A list whose items all differ in `key`, which the file calls `keyInFile`. */
function uniqueBy<T extends object, Key extends keyof T & string> (
  item: Shape<T>,
  key: Key,
  keyInFile: string = key
): Shape<T[]> {
  return spot => {
    const lines = new Map<T[Key], number>()
    return listOf<T>(inside => {
      const value = item(inside)
      const first = value === undefined ? undefined : lines.get(value[key])
      if (first !== undefined) {
        inside.report(`has the same ${keyInFile} as the one in line ${first}: ${String(value![key])}`)
      }
      if (value !== undefined && first === undefined) lines.set(value[key], inside.line)
      return value
    })(spot)
  }
}
