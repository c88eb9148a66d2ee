// Creates the fastify server: validation, authentication, problem replies, metrics and routes.

import fastify, { LogController, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { LauncherError } from '../errors.ts'
import { refuseAbandoned } from './abandoned.ts'
import { closeQueries } from './closed-query.ts'
import { limitConnections } from './connections.ts'
import { refuseIdempotencyKeys } from './idempotency-header.ts'
import { readJsonBodies } from './json-body.ts'
import { LIVE_PATH } from './health.ts'
import { knownMethods } from './known-methods.ts'
import { createOpenApiText } from './open-api-text.ts'
import { refuseMalformed, refuseTunnels } from './malformed.ts'
import { checkMessage } from './message-rules.ts'
import { sendProblem } from './problem.ts'
import { authenticate, requesterOf, visibleJob, type AuthenticationPolicy, type Requester } from './requester.ts'
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
/** Node replies to a missing Host without a body. */
const RECEIVING = { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1000, requireHostHeader: false }

/** A key of 128 characters, percent-encoded. */
const MAX_PARAM_CHARS = 128 * 12

/** Builds the server without listening. */
export async function createServer ({ log, version, policy, stopping, tls, ...rest }: ServerOptions): Promise<Server> {
  const requesters = new WeakMap<FastifyRequest, Requester>()
  /** The responses of the requests that have not named a job yet. */
  const unheld = new WeakMap<FastifyRequest, FastifyReply['raw']>()
  const { config, jobs, metrics } = rest
  const requester = (request: FastifyRequest): Requester => requesters.get(request)!
  const service: Service = {
    ...rest,
    requester,
    visibleJob (id, request) {
      const job = visibleJob(jobs.get(id), id, requester(request), jobs.notAdopted())
      holdLease(request, id)
      return job
    }
  }

  /** A client that goes away closes the response, but ends no reply. */
  function holdLease (request: FastifyRequest, id: string): void {
    const response = unheld.get(request)
    if (response === undefined) return
    unheld.delete(request)
    const release = jobs.holdLease(id)
    response.once('finish', release).once('close', release)
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
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply) => { sendProblem(request as FastifyRequest, reply as never, error) },
    forceCloseConnections: 'idle',
    // The onRequest hook sends our own error instead.
    return503OnClosing: false
  }) as unknown as Server

  // On a Unix socket only the host can connect.
  const connections = policy().keys === undefined ? undefined : limitConnections(server)
  closeQueries(server)
  refuseIdempotencyKeys(server)
  refuseTunnels(server)
  // Node replies to an unknown expectation without a body.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))
  readJsonBodies(server)
  refuseAbandoned(server)
  server.setValidatorCompiler(validatorCompiler)
  // Replies are built field by field. A compiled serializer would slow startup more than it speeds up replies.
  server.setSerializerCompiler(() => JSON.stringify)
  const known = knownMethods(server)
  const refuseRoute = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathOf(request)
    const methods = known.of(path)
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
  }
  /** find-my-way takes DELETE /v1/jobs/summary, which has no route, for that of a job, and /v1/jobs/ for a job's. */
  const isShadowed = (request: FastifyRequest): boolean =>
    request.routeOptions.url?.includes(':') === true &&
      (known.isFixed(pathOf(request)) || /[^:]\/\/|\/$/.test(pathOf(request)))
  server.addHook('onRequest', async (request, reply) => {
    unheld.set(request as FastifyRequest, reply.raw)
    if (stopping()) {
      throw new LauncherError('ShuttingDown', 'The launcher is stopping and accepts no new requests.', {
        retryAfterSeconds: 1
      })
    }
    if (request.routeOptions.url === LIVE_PATH) {
      await requesterOf(request as FastifyRequest, { ...policy(), keys: undefined })
      return checkMessage(request as FastifyRequest)
    }
    // A call that does not exist is refused as such, whomever it acts for.
    const isWrong = request.is404 || isShadowed(request as FastifyRequest)
    if (isWrong) authenticate(request as FastifyRequest, policy())
    else requesters.set(request as FastifyRequest, await requesterOf(request as FastifyRequest, policy()))
    connections?.prove(request as FastifyRequest)
    checkMessage(request as FastifyRequest)
    if (isWrong && !request.is404) return refuseRoute(request as FastifyRequest, reply as FastifyReply)
  })
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    request.log.debug(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request answered'
    )
  })

  server.setNotFoundHandler((request, reply) => refuseRoute(request as FastifyRequest, reply as FastifyReply))
  server.setErrorHandler((error, request, reply) =>
    // Fastify wants a body of the method QUERY, which no route has.
    (error as FastifyError).code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'
      ? refuseRoute(request as FastifyRequest, reply as FastifyReply)
      : sendProblem(request as FastifyRequest, reply as FastifyReply, error as Error)
  )

  for (const route of routes) route(server, service)
  const openApiText = createOpenApiText(version)
  server.get('/openapi.json', async (_request, reply) =>
    await reply.type('application/json; charset=utf-8').serializer((text: unknown) => text as string)
      .send(await openApiText())
  )
  return server
}

function pathOf ({ url }: { readonly url: string }): string {
  return url.split('?', 1)[0]!
}
