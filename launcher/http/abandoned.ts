// Detects requests whose client no longer waits for the reply.

import { setImmediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LauncherError } from '../errors.ts'
import type { Server } from './service.ts'

/** Returns whether the client closed the connection or already has a reply, such as RequestTimeout. */
export function isAbandoned ({ raw: { socket } }: FastifyRequest, reply: FastifyReply): boolean {
  return socket.destroyed || socket.readableEnded || reply.sent
}

/**
 * Refuses requests that would change something if their client has gone. A launcher that was busy or stopped reads such
 * a request first and the end of its connection in the next turn of the event loop.
 */
export function refuseAbandoned (server: Server): void {
  server.addHook('preHandler', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    // The first callback runs before, the second after the end of the connection is read.
    await setImmediate()
    await setImmediate()
    if (isAbandoned(request as FastifyRequest, reply as FastifyReply)) throw abandoned()
  })
}

function abandoned (): LauncherError {
  return new LauncherError('RequestAbandoned', 'The client closed the connection before the request was carried out.')
}
