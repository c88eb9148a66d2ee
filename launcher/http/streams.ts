// Long replies: output and events, written as fast as the client reads and ended when either side goes.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'

const KEEP_ALIVE_MS = 15_000
const BUFFER_BYTES = 32_768
/**
 * Pieces that all streams together hand out in one turn of the event loop: some milliseconds of work, after which
 * others are answered.
 */
const PIECES = 32

export interface Streams {
  /** A signal that aborts when the client goes or the launcher stops. */
  open (reply: FastifyReply): AbortSignal
  /** Ends every open stream, and each that is opened from now on. */
  endAll (): void
}

export function createStreams (): Streams {
  const open = new Set<AbortController>()
  let ended = false
  return {
    open (reply) {
      const controller = new AbortController()
      if (ended || reply.raw.destroyed) {
        controller.abort()
        return controller.signal
      }
      open.add(controller)
      reply.raw.once('close', () => {
        open.delete(controller)
        controller.abort()
      })
      return controller.signal
    },
    endAll () {
      ended = true
      for (const controller of open) controller.abort()
    }
  }
}

/** Replies with server-sent events; `events` yields whole events made by `serverSentEvent`. */
export function sendEvents (reply: FastifyReply, events: AsyncIterable<string | Uint8Array>): FastifyReply {
  const out = streamOf(events)
  out.push(': job-launcher\n\n')
  const keepAlive = setInterval(() => {
    // A client that reads slowly has enough to read, and may have the end before it, behind which nothing can be put.
    if (out.readableLength === 0 && out.readableFlowing === true) out.push(': keep-alive\n\n')
  }, KEEP_ALIVE_MS)
  out.once('error', error => { if (!isPrematureClose(error)) reply.log.error({ err: error }, 'a stream failed') })
  out.once('close', () => { clearInterval(keepAlive) })
  return reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(out)
}

/** Replies with bytes as they come. */
export function sendBytes (reply: FastifyReply, bytes: AsyncIterable<Uint8Array>): FastifyReply {
  const out = streamOf(bytes)
  reply.type('application/octet-stream').header('cache-control', 'no-store').send(out)
  // Whoever follows a silent job learns at once that it is there.
  setImmediate(() => { if (!reply.raw.headersSent && !reply.raw.destroyed) reply.raw.flushHeaders() })
  return reply
}

function streamOf (pieces: AsyncIterable<string | Uint8Array>): Readable {
  return Readable.from(inTurns(pieces), { objectMode: false, highWaterMark: BUFFER_BYTES })
}

const yieldIfBusy = createEventLoopBudget({ callers: PIECES })

async function * inTurns (pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  for await (const piece of pieces) {
    await yieldIfBusy()
    yield piece
  }
}

export function serverSentEvent (event: string, id: string | number | undefined, data: unknown): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

export function wantsEvents (accept: string | undefined): boolean {
  return accept?.includes('text/event-stream') ?? false
}

function isPrematureClose (error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.name === 'AbortError'
}
