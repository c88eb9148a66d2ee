// The route that serves a job's output: bytes, or server-sent events that can be resumed.

import { Type } from 'typebox'
import { LauncherError } from '../errors.ts'
import { JobPath } from './jobs.ts'
import { outputEvents } from './output-events.ts'
import { Problem } from './problem.ts'
import { visibleJob } from './requester.ts'
import type { Server, Service } from './service.ts'
import { sendBytes, sendEvents, wantsEvents } from './streams.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'

const Offsets = (description: string) => Type.Optional(Type.String({
  pattern: '^[0-9]{1,15}(,[0-9]{1,15})?$',
  expected: 'a byte offset, or two with a comma for stream=both',
  description
}))

export function outputRoute (server: Server, { jobs, requester, streams, withTimeout }: Service): void {
  server.get(
    '/v1/jobs/:id/output',
    {
      schema: {
        tags: ['jobs'],
        summary: "Read a job's output",
        description:
          'Bytes as the program wrote them or, with Accept: text/event-stream, events named output with {stream, ' +
          'offset, text} and, when it is complete, one named end.',
        produces: ['application/octet-stream', 'text/event-stream'],
        params: JobPath,
        headers: Type.Object({ 'last-event-id': Offsets('Id of the last event seen: goes on after it.') }),
        querystring: Type.Object(
          {
            stream: Type.Optional(
              Type.Enum(['stdout', 'stderr', 'both'], {
                default: 'both',
                description:
                  'Which stream. The order of the two against each other is not kept where the cluster keeps them ' +
                  'apart; a cluster that keeps one stream gives it for both and stdout, and refuses stderr.'
              })
            ),
            follow: Type.Optional(Type.Boolean({ default: false, description: 'Go on until the job has ended.' })),
            from: Offsets('Byte offset to start from; for both, two offsets with a comma (stdout,stderr).')
          },
          { additionalProperties: false }
        ),
        response: { 200: Type.String({ description: 'The output.' }), default: Problem }
      }
    },
    async (request, reply) => {
      const job = visibleJob(jobs.get(request.params.id), request.params.id, requester(request))
      const { plugin } = jobs.clusterOf(job)
      const { stream = 'both', follow = false, from } = request.query
      if (stream === 'stderr' && plugin.capabilities.output === 'mixed') {
        throw new LauncherError(
          'NotSupportedByCluster',
          `The cluster ${job.cluster} cannot give stderr by itself: this cluster keeps one stream; use stream=both.`,
          { field: 'stream', in: 'query', cluster: job.cluster }
        )
      }
      const asEvents = wantsEvents(request.headers.accept)
      const offsets = (asEvents ? request.headers['last-event-id'] : undefined) ?? from ?? '0'
      const wanted = {
        stream,
        follow,
        from: offsetsOf(offsets, stream, plugin.capabilities.output),
        signal: streams.open(reply)
      }
      const opened = await withTimeout(plugin.output(job, wanted))
      const chunks = follow ? untilVerdict(opened, () => jobs.whenEnded(job.id, wanted.signal)) : opened
      if (asEvents) {
        return sendEvents(
          reply,
          outputEvents(chunks, wanted, () => jobs.get(job.id))
        )
      }
      return sendBytes(reply, dataOf(chunks))
    }
  )
}

function offsetsOf (text: string, stream: OutputRequest['stream'], kind: 'separate' | 'mixed'): OutputRequest['from'] {
  const [first = 0, second] = text.split(',').map(Number)
  const two = stream === 'both' && kind === 'separate'
  if (two ? second === undefined && first !== 0 : second !== undefined) {
    throw new LauncherError('InvalidRequest', two
      ? 'from (query) is one offset; stream=both of this cluster takes two with a comma, stdout first.'
      : 'from (query) is two offsets; this stream takes one.', { field: 'from', in: 'query' })
  }
  if (two) return { stdout: first, stderr: second ?? 0 }
  return stream === 'stderr' ? { stdout: 0, stderr: first } : { stdout: first, stderr: 0 }
}

/** Whoever follows finds the job ended when the output is. */
async function * untilVerdict (
  chunks: AsyncIterable<OutputChunk>,
  whenEnded: () => Promise<void>
): AsyncGenerator<OutputChunk> {
  yield * chunks
  await whenEnded()
}

async function * dataOf (chunks: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { data } of chunks) yield data
}
