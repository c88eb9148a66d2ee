import fastify from 'fastify'
import t from 'tap'
import { knownMethods } from '../../../launcher/http/known-methods.ts'
import type { Server } from '../../../launcher/http/service.ts'

t.test('a path has the methods of every route that matches it', async t => {
  const server = fastify({ exposeHeadRoutes: false })
  const { of: methodsOf, isFixed } = knownMethods(server as unknown as Server)
  server.get('/v1/jobs/:id', async () => '')
  server.delete('/v1/jobs/:id', async () => '')
  server.post('/v1/jobs/:id/control', async () => '')
  server.get('/v1/jobs/summary', async () => '')
  server.route({ method: ['PUT', 'PATCH'], url: '/openapi.json', handler: async () => '' })
  t.strictSame(methodsOf('/v1/jobs/abc'), ['GET', 'DELETE'])
  t.strictSame(methodsOf('/v1/jobs/abc/control'), ['POST'])
  t.strictSame(methodsOf('/openapi.json'), ['PUT', 'PATCH'])
  t.strictSame(methodsOf('/v1/jobs/summary'), ['GET'], 'it is no id')
  t.strictSame(['/v1/jobs/summary', '/v1/jobs/abc', '/v1/jobs/:id'].map(isFixed), [true, false, false])
  for (const path of ['/openapiXjson', '/v1/jobs', '/v1/jobs/', '/v1/jobs/a/b', '/x/v1/jobs/abc', '']) {
    t.strictSame(methodsOf(path), [], path)
  }
})
