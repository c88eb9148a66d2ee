// Builds the OpenAPI document from the routes' own schemas. Loaded on first request, to keep startup fast.

import fastify from 'fastify'
import swagger from '@fastify/swagger'
import { routes } from './routes.ts'
import type { Server, Service } from './service.ts'

const DESCRIPTION =
  "Runs a host server's programs on its clusters. The header X-Launcher-User names the user that a request acts " +
  'for; without it, the request acts for the host.'

export async function openApiDocument (version: string): Promise<object> {
  const server = fastify() as unknown as Server
  server.setValidatorCompiler(() => () => true)
  server.setSerializerCompiler(() => JSON.stringify)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'job-launcher', description: DESCRIPTION, version },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: "The launcher's key. TCP only." } }
      },
      tags: [{ name: 'jobs' }, { name: 'clusters' }, { name: 'health' }]
    }
  })
  // The handlers are never called here, so they need no service.
  for (const route of routes) route(server, {} as Service)
  await server.ready()
  return server.swagger()
}
