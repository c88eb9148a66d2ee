// What a job mounts.

import { Type, type Static, type TObject } from 'typebox'
import { ABSOLUTE_PATH } from '../lib/absolute-path.ts'
import { documentedAs } from '../lib/documented.ts'
import { ONE_LINE } from '../lib/one-line.ts'
import { OneOf } from '../lib/one-of.ts'
import { MOUNT_SOURCES } from './mount-sources.ts'

const closed = { additionalProperties: false } as const

const place = {
  mountPath: Type.String({ maxLength: 4096, ...ABSOLUTE_PATH, description: 'Path in the container.' }),
  readOnly: Type.Optional(Type.Boolean({ default: false, description: 'Whether the job may only read it.' }))
}

/** Each cluster checks the types that it supports, and the sources of these. */
export const Mount = documentedAs(
  Type.Object({
    ...place,
    type: Type.String({
      minLength: 1,
      maxLength: 64,
      ...ONE_LINE
    }),
    source: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })
  }, closed),
  Type.Unsafe({
    title: 'Mount',
    description: "A volume of a job. The user's profile says which types a job may have.",
    oneOf: Object.entries(MOUNT_SOURCES).map(([type, source]) => mountOf(type, source as TObject)),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(
        Object.keys(MOUNT_SOURCES).map(type => [type, `#/components/schemas/${titleOf(type)}`])
      )
    }
  })
)

export type Mount = Static<typeof Mount>

function mountOf (type: string, source: TObject & { description?: string, examples?: unknown[] }): TObject {
  const { description, examples = [], ...shape } = source
  const mount = Type.Object({ ...place, type: OneOf([type]), source: shape as TObject }, closed)
  const example = { mountPath: '/mnt/data', type, source: examples[0] }
  return { ...mount, title: titleOf(type), description, examples: [example] } as unknown as TObject
}

function titleOf (type: string): string {
  return `${type[0]!.toUpperCase()}${type.slice(1)}Mount`
}
