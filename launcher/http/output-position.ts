// The position in a job's output: a text that says how far each stream was read, and where the next call goes on.

import { LauncherError } from '../errors.ts'
import type { Capabilities, OutputChunk, OutputRequest } from '../plugin.ts'

type Streams = OutputRequest['stream']
type Offsets = OutputRequest['from']
type OutputKind = Capabilities['output']

/** Pattern of a position: the offset of one stream, or those of stdout and stderr. */
export const POSITION = '[0-9]{1,15}(,[0-9]{1,15})?'

export interface PositionAfter {
  /** Moves the position behind the chunk. */
  take (chunk: Pick<OutputChunk, 'stream' | 'offset' | 'data'>): void
  /** Offsets of the bytes that follow. */
  offsets (): Offsets
  /** For `from` of the next call. */
  text (): string
}

/** Throws InvalidRequest if the position does not belong to this stream. */
export function offsetsOf (text: string, stream: Streams, kind: OutputKind): Offsets {
  const [first = 0, second] = text.split(',').map(Number)
  const two = stream === 'both' && kind === 'separate'
  // It is known only after the start of a job where its output is. Before that, there is none of a second stream.
  const extra = stream === 'both' && second === 0 ? undefined : second
  if (two ? second === undefined && first !== 0 : extra !== undefined) {
    throw new LauncherError('InvalidRequest', two
      ? 'from (query) has one offset. stream=both of this cluster needs two, separated with a comma, stdout first.'
      : 'from (query) has two offsets. This stream needs one.', { field: 'from', in: 'query' })
  }
  if (two) return { stdout: first, stderr: second ?? 0 }
  return stream === 'stderr' ? { stdout: 0, stderr: first } : { stdout: first, stderr: 0 }
}

export function positionFrom (from: Offsets, stream: Streams, kind: OutputKind): PositionAfter {
  const next = { ...from }
  let hasTwo = stream === 'both' && kind === 'separate'
  return {
    take ({ stream: of, offset, data }) {
      next[offsetNameOf(of)] = offset + data.length
      hasTwo ||= stream === 'both' && of !== 'mixed'
    },
    offsets: () => ({ ...next }),
    text: () => hasTwo ? `${next.stdout},${next.stderr}` : String(next[stream === 'stderr' ? 'stderr' : 'stdout'])
  }
}

/** The offset of the only stream of a job is that of stdout. */
export function offsetNameOf (stream: OutputChunk['stream']): keyof Offsets {
  return stream === 'stderr' ? 'stderr' : 'stdout'
}
