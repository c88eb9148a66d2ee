// Reads one bounded part of a job's output, with the position after it. Its bytes are in memory before the reply
// begins: only the reader of two streams knows how many bytes of each a body has.

import type { OutputRequest } from '../plugin.ts'
import { offsetsOf, positionFrom } from './output-position.ts'
import { untilOutcome, type ReadableOutput } from './readable-output.ts'

/** Most bytes in a part. */
export const MAX_PART_BYTES = 1_048_576

export interface OutputPoll {
  readonly stream: OutputRequest['stream']
  /** Position to start from. */
  readonly from: string
  /** As in OutputRequest, for the start of the part. */
  readonly tailLines?: number | undefined
  readonly timeoutMs: number
  /** Aborts when the client disconnects or the launcher stops. */
  readonly signal: AbortSignal
  /** As in Service. */
  withTimeout<T> (work: Promise<T>): Promise<T>
}

export interface PolledOutput {
  readonly data: Buffer
  /** Position after the data. */
  readonly position: string
  /** The job has ended, and its output ends at the position. */
  readonly complete: boolean
}

interface ReadPart extends PolledOutput {
  readonly offsets: OutputRequest['from']
}

/**
 * Resolves once there is output after the position, the output is complete, or the time is over. `find` is called
 * again after a wait, because the job may have started meanwhile. Rejects as `find` and `output` of a plugin, or with
 * InvalidRequest. The result of a poll whose signal is aborted may be only a part of what there is.
 */
export async function pollOutput (find: () => Promise<ReadableOutput>, poll: OutputPoll): Promise<PolledOutput> {
  const { stream, from, tailLines, timeoutMs, signal } = poll
  const before = await find()
  const first = await readPart(
    before, { from: offsetsOf(from, stream, before.kind), ...(tailLines !== undefined && { tailLines }) }, poll
  )
  if (first.data.length > 0 || first.complete || timeoutMs === 0) return first
  await outputOrEnd(before, first.offsets, poll)
  return signal.aborted ? first : await readPart(await find(), { from: first.offsets }, poll)
}

async function readPart (
  output: ReadableOutput,
  start: Pick<OutputRequest, 'from' | 'tailLines'>,
  { stream, signal, withTimeout }: OutputPoll
): Promise<ReadPart> {
  // What an ended job wrote is all there when it is read after this.
  const hasEnded = await withTimeout(output.end()) !== undefined
  const position = positionFrom(start.from, stream, output.kind)
  const pieces: Buffer[] = []
  let room = MAX_PART_BYTES
  for await (const chunk of await withTimeout(output.open({ ...start, stream, follow: false, signal }))) {
    const data = chunk.data.subarray(0, room)
    position.take({ ...chunk, data })
    pieces.push(Buffer.from(data))
    chunk.release?.()
    room -= data.length
    if (room === 0) break
  }
  const data = Buffer.concat(pieces)
  return { data, position: position.text(), offsets: position.offsets(), complete: hasEnded && room > 0 }
}

/** Resolves when the job writes after these offsets or has ended, at the latest after the timeout. */
async function outputOrEnd (
  output: ReadableOutput, from: OutputRequest['from'], { stream, timeoutMs, signal, withTimeout }: OutputPoll
): Promise<void> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const ended = new AbortController()
  const whenEnded = output.whenEnded?.(over).then(() => ended.abort())
  whenEnded?.catch(() => {})
  const opened = await withTimeout(output.open({ stream, from, follow: true, signal: over, ended: ended.signal }))
  for await (const { data, release } of untilOutcome(opened, whenEnded)) {
    release?.()
    if (data.length > 0) return
  }
}
