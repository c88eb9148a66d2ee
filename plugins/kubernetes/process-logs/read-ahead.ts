// Reads more of a growing file at once than is asked for: a call to the thread costs more than its bytes. The memory is
// used again, because new memory of this size costs more than the read.

import type { Read } from '../../../launcher/plugin-kit/shared-reads.ts'

/** Bytes of one call. */
export const AHEAD_BYTES = 262_144
/** A reader that waits for further bytes keeps no more memory than this. */
const KEPT_BYTES = 65_536

/** Reads at `offset` into the start of `memory`. Resolves with the number of bytes. */
export type ReadInto = (offset: number, memory: SharedArrayBuffer) => Promise<number>

/** Bytes that were read stay as they are, because the file only grows. */
export function readAhead (readInto: ReadInto): Read {
  let memory: SharedArrayBuffer | undefined
  let start = 0
  let size = 0

  return async (buffer, length, offset) => {
    if (offset < start || offset >= start + size) {
      // The system gives memory only to the part that is used.
      memory ??= new SharedArrayBuffer(AHEAD_BYTES)
      size = 0
      size = await readInto(offset, memory)
      start = offset
    }
    const count = Math.min(length, start + size - offset)
    if (count > 0) buffer.set(new Uint8Array(memory!, offset - start, count))
    if (offset + count < start + size || size === AHEAD_BYTES) return count
    if (size > KEPT_BYTES) memory = undefined
    size = 0
    return count
  }
}
