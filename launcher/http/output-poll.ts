// Reads one bounded part of a job's output, with the position after it. Its bytes are in memory before the reply
// begins: only the reader of two streams knows how many bytes of each a body has.

import type { OutputChunk, OutputRequest } from '../plugin.ts'
import { offsetsOf, positionFrom } from './output-position.ts'
import { untilOutcome, type ReadableOutput } from './readable-output.ts'

/** Most bytes in a part. */
export const MAX_PART_BYTES = 1_048_576
const NEWLINE = 0x0a

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

type Piece = Pick<OutputChunk, 'stream' | 'offset'> & { readonly data: Buffer }

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
  const pieces: Piece[] = []
  let room = MAX_PART_BYTES
  for await (const chunk of await withTimeout(output.open({ ...start, stream, follow: false, signal }))) {
    const data = Buffer.from(chunk.data.subarray(0, room))
    pieces.push({ stream: chunk.stream, offset: chunk.offset, data })
    chunk.release?.()
    room -= data.length
    if (room === 0) break
  }
  const kept = room === 0 && stream === 'both' && output.kind === 'separate' ? endingWithLine(pieces) : pieces
  for (const piece of kept) position.take(piece)
  const data = Buffer.concat(kept.map(({ data }) => data))
  return { data, position: position.text(), offsets: position.offsets(), complete: hasEnded && room > 0 }
}

/**
 * Cuts a full part at the end of the last line of its last stream, because the next part may begin with the other. A
 * line that does not end in the rest of the part is for the next one, unless it is long: the next part may not have
 * more room for it.
 */
function endingWithLine (pieces: readonly Piece[]): readonly Piece[] {
  const from = pieces.findLastIndex(({ stream }) => stream !== pieces.at(-1)!.stream) + 1
  for (let index = pieces.length - 1; index >= from; index--) {
    const piece = pieces[index]!
    const end = piece.data.lastIndexOf(NEWLINE) + 1
    if (end > 0) return [...pieces.slice(0, index), { ...piece, data: piece.data.subarray(0, end) }]
  }
  const length = pieces.slice(from).reduce((sum, { data }) => sum + data.length, 0)
  return length < MAX_PART_BYTES / 2 ? pieces.slice(0, from) : pieces
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
