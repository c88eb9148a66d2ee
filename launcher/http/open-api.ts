// Builds the OpenAPI document from the routes' own schemas. Loaded on first request, to keep startup fast.

import { EVERY_CALL } from './every-call.ts'
import { createNamedSchemas } from './named-schemas.ts'
import { createOperations, type RouteSchema } from './open-api-operation.ts'
import { routes } from './routes.ts'
import type { Server, Service } from './service.ts'

const METHODS = ['get', 'post', 'put', 'delete'] as const

const DESCRIPTION =
  "Runs a host server's programs on its clusters. The header X-Launcher-User names the user that a request acts " +
  'for; without it, the request acts for the host. Of the calls that change something, only POST /v1/jobs has an ' +
  'Idempotency-Key; the others refuse it.'

const TAGS = [
  { name: 'jobs', description: 'Submit, list, follow and control jobs, and read their output.' },
  { name: 'clusters', description: 'What the clusters have, and what the user may do with each.' },
  { name: 'health', description: 'Monitor the launcher.' }
]

export function openApiDocument (version: string): object {
  const { schemas, documented } = createNamedSchemas()
  const { parameter, operation, response } = createOperations(documented)
  const paths: Record<string, Record<string, object>> = {}
  const recorder = Object.fromEntries(
    METHODS.map(method => [method, (path: string, { schema }: { schema: RouteSchema }) => {
      (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method] = operation(schema)
    }])
  )
  // The handlers are never called here, so they need no service.
  for (const route of routes) route(recorder as unknown as Server, {} as Service)
  return {
    openapi: '3.1.0',
    info: {
      title: 'job-launcher',
      description: DESCRIPTION,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      contact: { name: 'job-launcher' }
    },
    servers: [{ url: '/', description: 'Where this document comes from: a Unix socket, or Launcher.Address.' }],
    security: [{ key: [] }, {}],
    tags: TAGS,
    paths,
    components: {
      securitySchemes: {
        key: {
          type: 'http', scheme: 'bearer', description: "The launcher's key. TCP only; a Unix socket needs none."
        }
      },
      parameters: Object.fromEntries(Object.entries(EVERY_CALL.headers).map(([name, schema]) =>
        [name, parameter(name, 'header', schema, false)])),
      responses: Object.fromEntries(Object.values(EVERY_CALL.responses).map(({ title, ...reply }) =>
        [title, response(reply)])),
      schemas
    }
  }
}
