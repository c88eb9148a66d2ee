// The route that returns a job's output: bytes, or server-sent events that a client can resume.

import { Type } from 'typebox'
import { LauncherError } from '../errors.ts'
import { JobPath } from './jobs.ts'
import { END_ID, outputEvents } from './output-events.ts'
import { Problem } from './problem.ts'
import { readableOutput } from './readable-output.ts'
import type { Server, Service } from './service.ts'
import { sendBytes, sendEvents, wantsEvents } from './streams.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'

const OFFSETS = '[0-9]{1,15}(,[0-9]{1,15})?'
const Offsets = (description: string) => Type.Optional(Type.String({
  pattern: `^${OFFSETS}$`,
  expected: 'a byte offset, or two separated with a comma for stream=both',
  description
}))

export function outputRoute (server: Server, service: Service): void {
  const { streams, withTimeout } = service
  server.get(
    '/v1/jobs/:id/output',
    {
      schema: {
        tags: ['jobs'],
        summary: "Read a job's output",
        description:
          'Returns bytes as the program wrote them or, with Accept: text/event-stream, events named output with ' +
          '{stream, offset, text} and, once the output is complete, one event named end with ' +
          '{status, exitCode, reason, outputTruncated}.',
        produces: ['application/octet-stream', 'text/event-stream'],
        params: JobPath,
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({
            pattern: `^(${OFFSETS}|${END_ID})$`,
            expected: 'the id of an event',
            description: 'Id of the last event received; output continues after it. After end, there is none.'
          }))
        }),
        querystring: Type.Object({
          stream: Type.Optional(
            Type.Enum(['stdout', 'stderr', 'both'], {
              default: 'both',
              description:
                'The stream to read. A cluster that stores stdout and stderr separately does not preserve their ' +
                'order relative to each other. A cluster that stores one stream returns it for both and stdout, ' +
                'and rejects stderr. A job whose output is one stream in a cluster that stores both has no stderr.'
            })
          ),
          follow: Type.Optional(Type.Boolean({ default: false, description: 'Continue until the job has ended.' })),
          scope: Type.Optional(
            Type.Enum(['instance', 'installation'], {
              default: 'instance',
              description:
                'With installation, the job may also be one that another launcher of the same Installation started ' +
                "in the same namespace, if its output is in the host's data."
            })
          ),
          from: Offsets('Byte offset to start from. For both: two offsets with a comma (stdout,stderr).')
        }),
        response: {
          200: Type.String({ description: 'The output.' }),
          204: Type.Null({ description: 'Last-Event-ID is that of the event end. An EventSource stops.' }),
          default: Problem
        }
      }
    },
    async (request, reply) => {
      const { stream = 'both', follow = false, from, scope = 'instance' } = request.query
      const output = await withTimeout(readableOutput(request.params.id, scope, request, service))
      const { cluster, ofCluster, kind } = output
      if (stream === 'stderr' && kind === 'mixed' && ofCluster === 'mixed') {
        throw new LauncherError(
          'NotSupportedByCluster',
          `The cluster ${cluster} stores stdout and stderr as one stream and cannot return stderr alone. ` +
          'Use stream=both.',
          { field: 'stream', in: 'query', cluster }
        )
      }
      const asEvents = wantsEvents(request.headers.accept)
      const last = asEvents ? request.headers['last-event-id'] : undefined
      if (last === END_ID) return await reply.code(204).send(null)
      const offsets = last ?? from ?? '0'
      const signal = streams.open(reply)
      const ended = new AbortController()
      const whenEnded = follow ? output.whenEnded?.(signal).then(() => ended.abort()) : undefined
      whenEnded?.catch(() => {})
      const wanted = {
        stream,
        follow,
        from: offsetsOf(offsets, stream, kind),
        signal,
        ended: ended.signal
      }
      const opened = await withTimeout(output.open(wanted))
      const chunks = whenEnded === undefined ? opened : untilOutcome(opened, whenEnded)
      return asEvents
        ? sendEvents(reply, outputEvents(chunks, wanted, output.end), signal)
        : sendBytes(reply, chunks, signal)
    }
  )
}

function offsetsOf (text: string, stream: OutputRequest['stream'], kind: 'separate' | 'mixed'): OutputRequest['from'] {
  const [first = 0, second] = text.split(',').map(Number)
  const two = stream === 'both' && kind === 'separate'
  if (two ? second === undefined && first !== 0 : second !== undefined) {
    throw new LauncherError('InvalidRequest', two
      ? 'from (query) has one offset. stream=both of this cluster needs two, separated with a comma, stdout first.'
      : 'from (query) has two offsets. This stream needs one.', { field: 'from', in: 'query' })
  }
  if (two) return { stdout: first, stderr: second ?? 0 }
  return stream === 'stderr' ? { stdout: 0, stderr: first } : { stdout: first, stderr: 0 }
}

/** Ends only after the job has ended, for clients that read the job's status after its output. */
async function * untilOutcome (
  chunks: AsyncIterable<OutputChunk>,
  whenEnded: Promise<void>
): AsyncGenerator<OutputChunk> {
  yield * chunks
  await whenEnded
}
