// Long replies: output and events, written as fast as the client reads. The launcher breaks the body of one that it
// cuts, so no client takes a part for the whole.

import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { LauncherError } from '../errors.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { OutputChunk } from '../plugin.ts'

const KEEP_ALIVE_MS = 15_000
const BUFFER_BYTES = 32_768
/** Chunks that all streams together send in one event-loop iteration: a few milliseconds of work. */
const CHUNKS_PER_ITERATION = 32

export interface Streams {
  /** Returns a signal that aborts when the client disconnects or the launcher stops. Throws ShuttingDown. */
  open (reply: FastifyReply): AbortSignal
  /** Cuts every open stream, and refuses every stream opened later. */
  endAll (): void
}

export function createStreams (): Streams {
  const open = new Set<AbortController>()
  let ended = false
  return {
    open (reply) {
      if (ended) throw stopping()
      const controller = new AbortController()
      if (reply.raw.destroyed) {
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
      for (const controller of open) controller.abort(stopping())
    }
  }
}

/** Replies with server-sent events. `events` yields complete events from `serverSentEvent`. `signal` is from `open`. */
export function sendEvents (
  reply: FastifyReply, events: AsyncIterable<string | Uint8Array>, signal: AbortSignal
): FastifyReply {
  const out = streamOf(reply, events, signal)
  out.push(': job-launcher\n\n')
  const keepAlive = setInterval(() => {
    // Skip the keep-alive if data is still buffered: the client is not idle, and the stream may already have ended.
    if (out.readableLength === 0 && out.readableFlowing === true) out.push(': keep-alive\n\n')
  }, KEEP_ALIVE_MS)
  out.once('close', () => { clearInterval(keepAlive) })
  return reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(out)
}

/**
 * Replies with the bytes of chunks as they arrive, and releases each chunk that the system has taken. `signal` is from
 * `open`.
 */
export function sendBytes (
  reply: FastifyReply, chunks: AsyncIterable<SentChunk>, signal: AbortSignal
): FastifyReply {
  const out: Readable = streamOf(reply, releasing(chunks, reply.raw, () => out.readableLength), signal)
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
    if (data.length === 0) continue
    end += data.length
    if (release !== undefined) unreleased.push({ end, release })
    yield data
    releaseUntil(end - buffered() - raw.writableLength)
  }
}

function streamOf (
  reply: FastifyReply, chunks: AsyncIterable<string | Uint8Array>, signal: AbortSignal
): Readable {
  // Fastify reads the stream of a reply to HEAD, too, and would log its end as an error.
  const source = reply.request.method === 'HEAD' ? [] : paced(chunks, signal)
  const out = Readable.from(source, { objectMode: false, highWaterMark: BUFFER_BYTES })
  out.once('error', error => { if (!signal.aborted) reply.log.error({ err: error }, 'stream failed') })
  return out
}

const yieldIfBusy = createEventLoopBudget({ callers: CHUNKS_PER_ITERATION })

/** Sources end without an error when the signal aborts. */
async function * paced (
  chunks: AsyncIterable<string | Uint8Array>, signal: AbortSignal
): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) {
    await yieldIfBusy()
    yield chunk
  }
  signal.throwIfAborted()
}

function stopping (): LauncherError {
  return new LauncherError('ShuttingDown', 'The launcher is stopping. Continue once it has started again.', {
    retryAfterSeconds: 1
  })
}

export function serverSentEvent (event: string, id: string | number | undefined, data: unknown): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

export function wantsEvents (accept: string | undefined): boolean {
  return accept?.includes('text/event-stream') ?? false
}
