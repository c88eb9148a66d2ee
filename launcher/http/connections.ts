// Keeps clients without the key from shutting out the key's owner. On TCP every process that reaches the port can
// connect, and each connection takes one of the launcher's descriptors.

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Server } from './service.ts'

/** Most connections without a valid key. A new one then closes the oldest one that the server has read. */
const MAX_UNPROVEN = 256
/** Descriptors if the kernel does not report the limit. */
const DEFAULT_DESCRIPTORS = 1024

export interface ConnectionLimits {
  /** Most connections. The rest of the descriptors is for jobs, output and the database. */
  readonly total: number
  readonly unproven: number
}

export interface Connections {
  /** Keeps the connection of a request with a valid key from being closed to make room for others. */
  prove (request: FastifyRequest): void
}

/** Allows half of the descriptors for connections, and at most an eighth for connections without a valid key. */
export function connectionLimits (descriptors: number = maxDescriptors()): ConnectionLimits {
  return {
    total: Math.max(16, Math.floor(descriptors / 2)),
    unproven: Math.max(8, Math.min(MAX_UNPROVEN, Math.floor(descriptors / 8)))
  }
}

export function limitConnections (server: Server, limits: ConnectionLimits = connectionLimits()): Connections {
  const unproven = new Map<string, Socket>()
  let closing = false
  let total = 0
  // Closes a connection only after the event loop has polled it for data, so that a flood cannot close it unread.
  const closeSurplus = (): void => {
    if (closing) return
    closing = true
    setImmediate(() => {
      const oldest = [...unproven]
      setImmediate(() => {
        closing = false
        const unread = oldest.filter(([name, socket]) => unproven.get(name) === socket)
        for (const [, socket] of unread.slice(0, unproven.size - limits.unproven)) socket.destroy()
      })
    })
  }
  server.server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    total += 1
    unproven.set(name, socket)
    socket.once('close', () => {
      total -= 1
      if (unproven.get(name) === socket) unproven.delete(name)
    })
    if (total > limits.total) unproven.values().next().value!.destroy()
    else if (unproven.size > limits.unproven) closeSurplus()
  })
  return {
    prove: ({ raw: { socket } }) => { unproven.delete(nameOf(socket)) }
  }
}

/** A TLS connection has the same name as the TCP connection that carries it. */
function nameOf ({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function maxDescriptors (): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? DEFAULT_DESCRIPTORS : Number(limit)
  } catch {
    return DEFAULT_DESCRIPTORS
  }
}
