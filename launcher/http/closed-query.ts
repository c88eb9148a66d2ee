// Refuses, on every route, each query field that the route does not declare and each text that is not UTF-8.

import { Type, type TSchema } from 'typebox'
import { LauncherError } from '../errors.ts'
import { fieldIn } from '../lib/check.ts'
import type { Server } from './service.ts'

/** Must be called before the routes are registered. A route without a query of its own then accepts none. */
export function closeQueries (server: Server): void {
  server.addHook('onRoute', route => {
    const declared = route.schema?.querystring as TSchema | undefined
    route.schema = { ...route.schema, querystring: { ...declared ?? Type.Object({}), additionalProperties: false } }
  })
  server.addHook('preValidation', async ({ raw }) => {
    const query = raw.url!.split('?', 2)[1]
    if (query?.includes('%') === true) checkEscapes(query)
  })
}

/** The parser of fastify takes escapes that are not UTF-8 as they are written. */
function checkEscapes (query: string): void {
  for (const part of query.split('&')) {
    try {
      decodeURIComponent(part)
    } catch {
      const field = fieldIn('', part.split('=')[0]!)
      throw new LauncherError('InvalidRequest', `${field} (query) has escapes with % that are not UTF-8.`, {
        field,
        in: 'query'
      })
    }
  }
}
