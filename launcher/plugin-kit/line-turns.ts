// Lets two streams of output take turns at the ends of lines.

import { CHUNK_BYTES, type Bytes } from './shared-reads.ts'

/** A turn may end inside a line that is longer, so that the other stream need not wait for the whole of it. */
export const LONG_LINE_BYTES = 3 * CHUNK_BYTES
const NEWLINE = 0x0a
const NOTHING = new Uint8Array()

export interface Turns {
  /** Reads one turn. */
  next (): AsyncGenerator<Bytes, void>
  /** Whether the last turn read all that there was. */
  atEnd (): boolean
}

/**
 * A turn goes up to the last line end of the chunk that has one, or to the end of what there is. `read` resolves with
 * the next bytes, and with none at the end. What was read behind the last line end is the beginning of the next turn.
 */
export function createLineTurns (read: () => Promise<Bytes>): Turns {
  let rest: Uint8Array = NOTHING
  let atEnd = false
  return {
    async * next () {
      atEnd = false
      let length = rest.length
      if (length > 0) {
        const data = rest
        rest = NOTHING
        yield { data }
      }
      while (length < LONG_LINE_BYTES) {
        const bytes = await read()
        const { data } = bytes
        if (data.length === 0) {
          atEnd = true
          return
        }
        const end = data.lastIndexOf(NEWLINE) + 1
        if (end > 0) {
          rest = Uint8Array.from(data.subarray(end))
          atEnd = bytes.isLast === true && rest.length === 0
          yield { ...bytes, data: data.subarray(0, end) }
          return
        }
        length += data.length
        yield bytes
      }
    },
    atEnd: () => atEnd
  }
}

/** A turn of a stream without another is a chunk. */
export function createChunkTurns (read: () => Promise<Bytes>): Turns {
  let atEnd = false
  return {
    async * next () {
      const bytes = await read()
      atEnd = bytes.data.length === 0 || bytes.isLast === true
      if (bytes.data.length > 0) yield bytes
    },
    atEnd: () => atEnd
  }
}
