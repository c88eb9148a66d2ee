// Describes the replies of a route for the OpenAPI document. The launcher does not validate its replies.

import { Type, type TSchema } from 'typebox'
import { documentedAs } from '../lib/documented.ts'

type Headers = Readonly<Record<string, TSchema>>

/** Describes a reply with JSON. */
export function json<S extends TSchema> (schema: S, description: string, headers?: Headers) {
  return content({ 'application/json': { schema } }, description, headers)
}

/** Describes a reply with one of several types of content. */
export function content<C extends Record<string, { schema: TSchema }>> (
  types: C, description: string, headers?: Headers
) {
  return { description, ...(headers !== undefined && { headers }), content: types }
}

/** Describes a value that has exactly one of the schemas. */
export function either<S extends TSchema[]> (...schemas: S) {
  return documentedAs(Type.Union(schemas), Type.Unsafe({ oneOf: schemas }))
}

/** Describes a reply without a body. */
export function empty (description: string) {
  return Type.Null({ description })
}

/** A stream of server-sent events. The schema is that of the data of one event. */
export interface EventStream {
  readonly schema: TSchema
  /** References to the schemas of the data, by name of the event. */
  readonly 'x-events': Readonly<Record<string, string>>
}

/** Describes a stream by the schemas, each with a title, that the data of its events have as JSON. */
export function events (data: Readonly<Record<string, TSchema>>): EventStream {
  const entries = Object.entries(data) as Array<[name: string, schema: TSchema & { title: string }]>
  const [first, ...more] = entries.map(([, schema]) => schema)
  return {
    schema: more.length === 0 ? first! : either(first!, ...more),
    'x-events': Object.fromEntries(entries.map(([name, { title }]) => [name, `#/components/schemas/${title}`]))
  }
}

/** Bytes as they are. */
export const Bytes = Type.Unsafe<string>({ type: 'string', format: 'binary' })
