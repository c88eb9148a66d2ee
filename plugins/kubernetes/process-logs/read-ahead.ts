// Reads more of a growing file at once than is asked for: a call to the thread costs more than its bytes.

import type { Read } from '../../../launcher/plugin-kit/shared-reads.ts'

/** Bytes of one call. A file that is read has at most this many in memory. */
export const AHEAD_BYTES = 262_144

/** Reads up to `length` bytes at `offset`; undefined if the file does not exist. */
export type ReadFile = (offset: number, length: number) => Promise<{ readonly data: Uint8Array } | undefined>

/** Bytes that were read stay as they are, because the file only grows. */
export function readAhead (readFile: ReadFile): Read {
  let start = 0
  let ahead: Uint8Array = new Uint8Array()

  return async (buffer, length, offset) => {
    if (offset < start || offset >= start + ahead.length) {
      const found = await readFile(offset, Math.max(length, AHEAD_BYTES))
      if (found === undefined) return 0
      start = offset
      ahead = found.data
    }
    const part = ahead.subarray(offset - start, offset - start + length)
    buffer.set(part)
    // What was read to its end is not asked for again, and makes room.
    if (offset + part.length === start + ahead.length) ahead = new Uint8Array()
    return part.length
  }
}
