// Refuses every query field that a route does not declare, on every route.

import { Type, type TSchema } from 'typebox'
import type { Server } from './service.ts'

/** Must be called before the routes are registered. A route without a query of its own then accepts none. */
export function closeQueries (server: Server): void {
  server.addHook('onRoute', route => {
    const declared = route.schema?.querystring as TSchema | undefined
    route.schema = { ...route.schema, querystring: { ...declared ?? Type.Object({}), additionalProperties: false } }
  })
}
