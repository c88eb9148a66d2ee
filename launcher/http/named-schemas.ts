// Takes the schemas with a title out of those of the routes. In the OpenAPI document each stands once, under its title.

import { isDeepStrictEqual } from 'node:util'
import type { TSchema } from 'typebox'
import { LauncherError } from '../errors.ts'
import { meaningOf } from '../lib/documented.ts'
import { EXAMPLES } from './open-api-examples.ts'

type Fields = Record<string, unknown>

export interface NamedSchemas {
  /** The schemas that have a title, by it. Those that a schema refers to are before it. */
  readonly schemas: Readonly<Record<string, object>>
  /**
   * Returns the schema as the document has it: with what it means to readers of the API, and with references instead of
   * the schemas that have a title. Throws if two schemas have the same title.
   */
  documented (schema: unknown): unknown
}

export function createNamedSchemas (): NamedSchemas {
  const schemas: Record<string, Fields> = {}

  function documented (given: unknown): unknown {
    if (Array.isArray(given)) return given.map(documented)
    if (typeof given !== 'object' || given === null) return given
    const schema = meaningOf(given as TSchema) as Fields
    const parts = Object.fromEntries(
      Object.entries(schema).map(([name, part]) => [name, name === 'examples' ? part : documented(part)])
    )
    return typeof schema.title === 'string' ? reference(schema.title, parts) : parts
  }

  /** What a word means depends on the field that has it, so a list of words has no description, and its uses have. */
  function reference (title: string, { description, default: initial, ...schema }: Fields): Fields {
    const isWord = schema.enum !== undefined
    const example = EXAMPLES[title]
    const shape = {
      ...schema,
      ...(!isWord && description !== undefined && { description }),
      ...(example !== undefined && { examples: [example].flat() })
    }
    schemas[title] ??= shape
    if (!isDeepStrictEqual(schemas[title], shape)) {
      throw new LauncherError('InternalError', `Two schemas have the title ${title}.`)
    }
    return {
      $ref: `#/components/schemas/${title}`,
      ...(isWord && description !== undefined && { description }),
      ...(initial !== undefined && { default: initial })
    }
  }

  return { schemas, documented }
}
