// Output as server-sent events: text that is never split inside a character, with ids to resume from.

import { Type } from 'typebox'
import { PublicJob } from '../jobs/public-job.ts'
import { OneOf } from '../lib/one-of.ts'
import { outcomeOf } from '../model/job-outcome.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'
import { offsetNameOf } from './output-position.ts'
import type { OutputEnd as End } from './readable-output.ts'
import { serverSentEvent } from './streams.ts'

/** Last-Event-ID of a client that has everything. */
export const END_ID = 'end'

type Stream = OutputChunk['stream']

export const OutputPart = Type.Object({
  stream: OneOf(['stdout', 'stderr', 'mixed'], { description: 'mixed: stdout and stderr are stored as one stream.' }),
  offset: Type.Integer({ minimum: 0, description: 'Byte offset of the text in its stream.' }),
  text: Type.String({ description: 'Whole characters. Bytes that are not UTF-8 are U+FFFD.' })
}, { title: 'OutputPart', description: 'A part of the output.' })

const { status, outcome, exitCode, reason, outputTruncated } = PublicJob.properties

export const OutputEnd = Type.Object({ status, outcome, exitCode, reason, outputTruncated }, {
  title: 'OutputEnd', description: 'How the job ended. The output is complete unless it has outputTruncated.'
})

/**
 * Yields `output` events and, once the output is complete, one `end` event with how the job ended, and with
 * outputTruncated if output is missing; its id is `END_ID`. The id of an event is the offset after it (for two streams:
 * both offsets, separated with a comma). Bytes that are not UTF-8 become U+FFFD.
 */
export async function * outputEvents (
  chunks: AsyncIterable<OutputChunk>,
  wanted: OutputRequest,
  end: () => Promise<End | undefined>
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const next = { ...wanted.from }
  const incomplete = new Map<Stream, Uint8Array>()

  function event (stream: Stream, data: Uint8Array): string {
    const which = offsetNameOf(stream)
    const offset = next[which]
    next[which] += data.length
    const id = wanted.stream === 'both' && stream !== 'mixed' ? `${next.stdout},${next.stderr}` : next[which]
    return serverSentEvent('output', id, { stream, offset, text: decoder.decode(data) })
  }

  for await (const { stream, offset, data, release } of chunks) {
    if (data.length === 0) next[offsetNameOf(stream)] = offset
    const before = incomplete.get(stream)
    const all = before === undefined || before.length === 0 ? data : Buffer.concat([before, data])
    const whole = all.length - incompleteTail(all)
    incomplete.set(stream, Uint8Array.from(all.subarray(whole)))
    const text = whole > 0 ? event(stream, all.subarray(0, whole)) : undefined
    release?.()
    if (text !== undefined) yield text
  }
  const ended = wanted.signal.aborted ? undefined : await end()
  if (ended === undefined) return
  for (const [stream, data] of incomplete) {
    if (data.length > 0) yield event(stream, data)
  }
  const { status, exitCode, reason, outputTruncated } = ended
  yield serverSentEvent('end', END_ID, { status, outcome: outcomeOf(ended), exitCode, reason, outputTruncated })
}

/** Returns the number of bytes at the end that are an incomplete character. */
export function incompleteTail (bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? back : 0
    }
  }
  return 0
}
