// Long replies: output and events, written as fast as the client reads. They end when the client disconnects or the
// launcher stops.

import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { OutputChunk } from '../plugin.ts'

const KEEP_ALIVE_MS = 15_000
const BUFFER_BYTES = 32_768
/** Chunks that all streams together send in one event-loop iteration: a few milliseconds of work. */
const CHUNKS_PER_ITERATION = 32

export interface Streams {
  /** Returns a signal that aborts when the client disconnects or the launcher stops. */
  open (reply: FastifyReply): AbortSignal
  /** Ends every open stream, and every stream opened later. */
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

/** Replies with server-sent events. `events` yields complete events from `serverSentEvent`. */
export function sendEvents (reply: FastifyReply, events: AsyncIterable<string | Uint8Array>): FastifyReply {
  const out = streamOf(events)
  out.push(': job-launcher\n\n')
  const keepAlive = setInterval(() => {
    // Skip the keep-alive if data is still buffered: the client is not idle, and the stream may already have ended.
    if (out.readableLength === 0 && out.readableFlowing === true) out.push(': keep-alive\n\n')
  }, KEEP_ALIVE_MS)
  out.once('error', error => { if (!isPrematureClose(error)) reply.log.error({ err: error }, 'stream failed') })
  out.once('close', () => { clearInterval(keepAlive) })
  return reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(out)
}

/** Replies with the bytes of chunks as they arrive, and releases each chunk that the system has taken. */
export function sendBytes (reply: FastifyReply, chunks: AsyncIterable<SentChunk>): FastifyReply {
  const out: Readable = streamOf(releasing(chunks, reply.raw, () => out.readableLength))
  reply.type('application/octet-stream').header('cache-control', 'no-store').send(out)
  // A client that follows a job without output gets the headers at once.
  setImmediate(() => { if (!reply.raw.headersSent && !reply.raw.destroyed) reply.raw.flushHeaders() })
  return reply
}

type SentChunk = Pick<OutputChunk, 'data' | 'release'>

/** `buffered`: how many of the bytes have not been written to `raw` yet. */
async function * releasing (
  chunks: AsyncIterable<SentChunk>, raw: ServerResponse, buffered: () => number
): AsyncGenerator<Uint8Array> {
  const unreleased: Array<{ readonly end: number, readonly release: () => void }> = []
  const releaseUntil = (sent: number): void => {
    while (unreleased[0] !== undefined && unreleased[0].end <= sent) unreleased.shift()!.release()
  }
  raw.once('close', () => releaseUntil(Infinity))
  let end = 0
  for await (const { data, release } of chunks) {
    end += data.length
    if (release !== undefined) unreleased.push({ end, release })
    yield data
    releaseUntil(end - buffered() - raw.writableLength)
  }
}

function streamOf (chunks: AsyncIterable<string | Uint8Array>): Readable {
  return Readable.from(paced(chunks), { objectMode: false, highWaterMark: BUFFER_BYTES })
}

const yieldIfBusy = createEventLoopBudget({ callers: CHUNKS_PER_ITERATION })

async function * paced (chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) {
    await yieldIfBusy()
    yield chunk
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
