// The route that returns a job's output: bytes, or server-sent events that a client can resume.

import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { LauncherError } from '../errors.ts'
import { headerFields } from './header-fields.ts'
import { JobPath } from './jobs.ts'
import { END_ID, OutputEnd, OutputPart, outputEvents } from './output-events.ts'
import { pollOutput } from './output-poll.ts'
import { offsetsOf, POSITION, positionFrom, type PositionAfter } from './output-position.ts'
import { checkOutputQuery, OutputQuery } from './output-query.ts'
import { readableOutput, untilOutcome, type ReadableOutput } from './readable-output.ts'
import { Bytes, content, empty, events } from './replies.ts'
import type { Server, Service } from './service.ts'
import { sendBytes, sendEvents, wantsEvents } from './streams.ts'
import { DEFAULT_SECONDS } from './wait.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'

const POSITION_HEADER = 'output-position'

export function outputRoute (server: Server, service: Service): void {
  const { streams, withTimeout } = service
  server.get(
    '/v1/jobs/:id/output',
    {
      schema: {
        operationId: 'getJobOutput',
        tags: ['jobs'],
        summary: "Read a job's output",
        description:
          'Returns bytes as the program wrote them or, with Accept: text/event-stream, events named output with ' +
          '{stream, offset, text} and, once the output is complete, one event named end with ' +
          '{status, exitCode, reason, outputTruncated}. A client that reads bytes and parses nothing asks with ' +
          'wait=output, part after part. Bytes without wait have Output-Position as a trailer, if the body ends ' +
          'properly.',
        params: JobPath,
        headers: headerFields({
          'Last-Event-ID': Type.Optional(Type.String({
            pattern: `^(${POSITION}|${END_ID})$`,
            'x-expected': 'the id of an event',
            description: 'For events: id of the last one received; output continues after it. After end, there is none.'
          }))
        }),
        querystring: OutputQuery,
        response: {
          200: content(
            {
              'application/octet-stream': { schema: Bytes, example: 'Reading 12 files\n' },
              'text/event-stream': events({ output: OutputPart, end: OutputEnd })
            },
            // Declared as headers, they would be those of event streams, too: a generator makes no code for these then.
            'The output. With wait, the header Output-Position is the position after the whole body, for from of the ' +
            'next call, and Output-Complete says whether the job has ended and its output ends with this body.'
          ),
          204: empty('Last-Event-ID is that of the event end. An EventSource stops.')
        }
      }
    },
    async (request, reply) => {
      const { stream = 'both', follow = false, from, tail, scope = 'instance', wait } = request.query
      const asEvents = wantsEvents(request.headers.accept)
      checkOutputQuery(request.query, asEvents)
      const find = async (): Promise<ReadableOutput> => {
        const output = await withTimeout(readableOutput(request.params.id, scope, request, service))
        requireStream(output, stream)
        return output
      }
      if (wait !== undefined) {
        const { timeoutSeconds = DEFAULT_SECONDS } = request.query
        const signal = streams.open(reply)
        const poll = { stream, from: from ?? '0', tailLines: tail, timeoutMs: timeoutSeconds * 1000 }
        const { data, position, complete } = await pollOutput(find, { ...poll, signal, withTimeout })
        if (signal.aborted && !reply.raw.destroyed) signal.throwIfAborted()
        return await reply.type('application/octet-stream').header('cache-control', 'no-store')
          .header(POSITION_HEADER, position).header('output-complete', complete).send(data)
      }
      const output = await find()
      const last = asEvents ? request.headers['last-event-id'] : undefined
      if (last === END_ID) return await reply.code(204).send(null)
      const signal = streams.open(reply)
      const ended = new AbortController()
      const whenEnded = follow ? output.whenEnded?.(signal).then(() => ended.abort()) : undefined
      whenEnded?.catch(() => {})
      const wanted = {
        stream,
        follow,
        from: offsetsOf(last ?? from ?? '0', stream, output.kind),
        ...(tail !== undefined && last === undefined && { tailLines: tail }),
        signal,
        ended: ended.signal
      }
      const chunks = untilOutcome(await withTimeout(output.open(wanted)), whenEnded)
      if (asEvents) return sendEvents(reply, outputEvents(chunks, wanted, output.end), signal)
      const position = positionFrom(wanted.from, stream, output.kind)
      return sendBytes(reply, withPosition(chunks, position, reply.raw, signal), signal)
    }
  )
}

/** Throws NotSupportedByCluster. */
function requireStream ({ cluster, ofCluster, kind }: ReadableOutput, stream: OutputRequest['stream']): void {
  if (stream !== 'stderr' || kind !== 'mixed' || ofCluster !== 'mixed') return
  throw new LauncherError(
    'NotSupportedByCluster',
    `The cluster ${cluster} stores stdout and stderr as one stream and cannot return stderr alone. Use stream=both.`,
    { field: 'stream', in: 'query', cluster }
  )
}

/** Sends the position after the body as a trailer of a body that ends properly. */
async function * withPosition (
  chunks: AsyncIterable<OutputChunk>, position: PositionAfter, raw: ServerResponse, signal: AbortSignal
): AsyncGenerator<OutputChunk> {
  for await (const chunk of chunks) {
    position.take(chunk)
    yield chunk
  }
  if (!signal.aborted) raw.addTrailers({ [POSITION_HEADER]: position.text() })
}
