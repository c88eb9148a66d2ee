// Describes one call in the OpenAPI document.

import type { TObject, TSchema } from 'typebox'
import { meaningOf } from '../lib/documented.ts'
import { EVERY_CALL } from './every-call.ts'
import { PATH_EXAMPLES } from './open-api-examples.ts'
import type { NamedSchemas } from './named-schemas.ts'

/** The schema of a route. Responses are from replies.ts. */
export interface RouteSchema {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly params?: TSchema
  readonly querystring?: TSchema
  readonly headers?: TSchema
  readonly body?: TSchema
  readonly response: Readonly<Record<string, Reply>>
}

interface Reply {
  readonly description: string
  readonly headers?: Readonly<Record<string, TSchema>>
  readonly content?: object
}

export function createOperations (documented: NamedSchemas['documented']) {
  function parameter (name: string, place: string, given: TSchema, required: boolean): object {
    const { description, ...schema } = documented(given) as { description?: string }
    const example = place === 'path' ? PATH_EXAMPLES[name] : undefined
    return { name, in: place, required, description, schema, ...(example !== undefined && { example }) }
  }

  function parametersOf (fields: TSchema | undefined, place: string): object[] {
    if (fields === undefined) return []
    const { properties, required = [] } = meaningOf(fields) as TObject
    return Object.entries(properties).map(([name, schema]) =>
      parameter(name, place, schema, (required as readonly string[]).includes(name)))
  }

  function response ({ description, headers, content }: Reply): object {
    return {
      description,
      ...(headers !== undefined && { headers: Object.fromEntries(Object.entries(headers).map(headerOf)) }),
      ...(content !== undefined && { content: documented(content) })
    }
  }

  function headerOf ([name, given]: [string, TSchema]): [string, object] {
    const { description, ...schema } = documented(given) as { description?: string }
    return [name, { description, schema }]
  }

  function operation (route: RouteSchema): object {
    const { operationId, tags, summary, description, params, querystring, headers, body, response: replies } = route
    return {
      operationId,
      tags,
      summary,
      description,
      parameters: [
        ...parametersOf(params, 'path'),
        ...parametersOf(querystring, 'query'),
        ...parametersOf(headers, 'header'),
        ...Object.keys(EVERY_CALL.headers).map(name => ({ $ref: `#/components/parameters/${name}` }))
      ],
      ...(body !== undefined && {
        requestBody: { required: true, content: { 'application/json': { schema: documented(body) } } }
      }),
      responses: {
        ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, response(reply)])),
        ...Object.fromEntries(Object.entries(EVERY_CALL.responses).map(([status, { title }]) =>
          [status, { $ref: `#/components/responses/${title}` }]))
      }
    }
  }

  return { parameter, operation, response }
}
