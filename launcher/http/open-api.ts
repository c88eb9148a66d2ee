// Makes the OpenAPI document from the routes' own schemas. Loaded when it is first asked for: a start does not pay for
// it.

import fastify from 'fastify'
import swagger from '@fastify/swagger'
import { routes } from './routes.ts'
import type { Server, Service } from './service.ts'

const DESCRIPTION =
  "Runs a host server's programs on its clusters. The header X-Launcher-User names the user a request acts for; " +
  'without it the request acts for the host.'

export async function openApiDocument (version: string): Promise<object> {
  const server = fastify() as unknown as Server
  server.setValidatorCompiler(() => () => true)
  server.setSerializerCompiler(() => JSON.stringify)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'job-launcher', description: DESCRIPTION, version },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: "The launcher's key; on TCP only." } }
      },
      tags: [{ name: 'jobs' }, { name: 'clusters' }, { name: 'health' }]
    }
  })
  // The handlers are never called here.
  for (const route of routes) route(server, {} as Service)
  await server.ready()
  return server.swagger()
}
