// Creates the fastify server: validation, authentication, problem replies, metrics and routes.

import fastify, { LogController, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { LauncherError } from '../errors.ts'
import { refuseAbandoned } from './abandoned.ts'
import { closeQueries } from './closed-query.ts'
import { limitConnections } from './connections.ts'
import { readJsonBodies } from './json-body.ts'
import { knownMethods } from './known-methods.ts'
import { createOpenApiText } from './open-api-text.ts'
import { PROBLEM_TYPE, problemOf, sendProblem } from './problem.ts'
import { requesterOf, visibleJob, type AuthenticationPolicy, type Requester } from './requester.ts'
import { routes } from './routes.ts'
import type { Server, Service } from './service.ts'
import { validatorCompiler } from './validate.ts'

export interface ServerOptions extends Omit<Service, 'requester' | 'visibleJob'> {
  log: Logger
  version: string
  /** Read at every request, so a reload takes effect. */
  policy: () => AuthenticationPolicy
  /** True once the launcher rejects new requests. */
  stopping: () => boolean
  tls?: { cert: Buffer, key: Buffer }
}

/** Milliseconds that a client may take to send its headers, or to agree on TLS. */
const HEADERS_TIMEOUT_MS = 10_000
/** Milliseconds that a client may take to send a whole request. */
const REQUEST_TIMEOUT_MS = 60_000
const RECEIVING = { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1000 }

/** Builds the server without listening. */
export async function createServer ({ log, version, policy, stopping, tls, ...rest }: ServerOptions): Promise<Server> {
  const requesters = new WeakMap<FastifyRequest, Requester>()
  const { config, jobs, metrics } = rest
  const requester = (request: FastifyRequest): Requester => requesters.get(request)!
  const service: Service = {
    ...rest,
    requester,
    visibleJob: (id, request) => visibleJob(jobs.get(id), id, requester(request), jobs.notAdopted())
  }

  const server = fastify({
    // Fastify logs each address that it listens on, as text. The caller of `listen` logs it as a field.
    loggerInstance: log.child({}, { level: 'silent' }),
    childLoggerFactory: (_silent, bindings, options) => log.child(bindings, options),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config().server.maxMessageBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    ...(tls === undefined
      ? { http: RECEIVING }
      : { https: { ...tls, ...RECEIVING, handshakeTimeout: HEADERS_TIMEOUT_MS } }),
    routerOptions: { maxParamLength: 256 },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply) => { sendProblem(request as FastifyRequest, reply as never, error) },
    forceCloseConnections: 'idle',
    // The onRequest hook sends our own error instead.
    return503OnClosing: false
  }) as unknown as Server

  // On a Unix socket only the host can connect.
  const connections = policy().key === undefined ? undefined : limitConnections(server)
  closeQueries(server)
  readJsonBodies(server)
  refuseAbandoned(server)
  server.setValidatorCompiler(validatorCompiler)
  // Replies are built field by field. A compiled serializer would slow startup more than it speeds up replies.
  server.setSerializerCompiler(() => JSON.stringify)
  server.setErrorHandler((error, request, reply) => sendProblem(request as FastifyRequest, reply, error as Error))
  server.addHook('onRequest', async request => {
    if (stopping()) {
      throw new LauncherError('ShuttingDown', 'The launcher is stopping and accepts no new requests.', {
        retryAfterSeconds: 1
      })
    }
    requesters.set(request as FastifyRequest, await requesterOf(request as FastifyRequest, policy()))
    connections?.prove(request as FastifyRequest)
  })
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    request.log.debug(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request answered'
    )
  })

  const methodsOf = knownMethods(server)
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const methods = methodsOf(path)
    const shown = path.slice(0, 200)
    if (methods.length === 0) {
      return sendProblem(request, reply, new LauncherError('RouteNotFound', `There is no route ${shown}.`))
    }
    reply.header('allow', methods.join(', '))
    return sendProblem(
      request,
      reply,
      new LauncherError('MethodNotAllowed', `${shown} accepts ${methods.join(', ')}, not ${request.method}.`, {
        allow: methods
      })
    )
  })

  for (const route of routes) route(server, service)
  const openApiText = createOpenApiText(version)
  server.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    await reply.type('application/json; charset=utf-8').serializer((text: unknown) => text as string)
      .send(await openApiText())
  )
  return server
}

/** Replies to data that is not valid HTTP. */
function refuseMalformed (error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = new LauncherError('InvalidRequest', 'The request is not valid HTTP.')
  const body = JSON.stringify(problemOf(refusal))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ` +
    `${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  )
}
