// Output as server-sent events: text that is never split inside a character, with ids to resume from.

import { outcomeOf } from '../model/job-outcome.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'
import type { OutputEnd } from './readable-output.ts'
import { serverSentEvent } from './streams.ts'

/** Last-Event-ID of a client that has everything. */
export const END_ID = 'end'

type Stream = OutputChunk['stream']

/**
 * Yields `output` events and, once the output is complete, one `end` event with how the job ended, and with
 * outputTruncated if output is missing; its id is `END_ID`. The id of an event is the offset after it (for two streams:
 * both offsets, separated with a comma). Bytes that are not UTF-8 become U+FFFD.
 */
export async function * outputEvents (
  chunks: AsyncIterable<OutputChunk>,
  wanted: OutputRequest,
  end: () => Promise<OutputEnd | undefined>
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const next = { ...wanted.from }
  const incomplete = new Map<Stream, Uint8Array>()

  function event (stream: Stream, data: Uint8Array): string {
    const which = stream === 'stderr' ? 'stderr' : 'stdout'
    const offset = next[which]
    next[which] += data.length
    const id = wanted.stream === 'both' && stream !== 'mixed' ? `${next.stdout},${next.stderr}` : next[which]
    return serverSentEvent('output', id, { stream, offset, text: decoder.decode(data) })
  }

  for await (const { stream, data, release } of chunks) {
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
