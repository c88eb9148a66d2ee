// The meaning of a schema for readers of the API, where the launcher's code checks more than the schema it validates.

import type { TSchema } from 'typebox'

const DOCUMENTED: unique symbol = Symbol('documented')

interface Documented { readonly [DOCUMENTED]?: TSchema }

/**
 * Returns the schema `checked`, which stands for `meaning` in the OpenAPI document. The code that reads the value
 * refuses what only `meaning` excludes, in a sentence of its own.
 */
export function documentedAs<S extends TSchema> (checked: S, meaning: TSchema): S {
  return { ...checked, [DOCUMENTED]: meaning }
}

/** Returns what the schema means to readers of the API. */
export function meaningOf (schema: TSchema): TSchema {
  return (schema as Documented)[DOCUMENTED] ?? schema
}
