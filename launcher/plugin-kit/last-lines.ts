// Finds where the last lines of a file begin, by reading it backwards.

const NEWLINE = 0x0a
/** Read in one step. */
export const STEP_BYTES = 131_072
/** Lines that begin further from the end are not found. */
const MAX_BYTES = 16 * 2 ** 20

/**
 * Resolves with the offset of the last `lines` lines of a file of `size` bytes; further from the end than 16 MiB, with
 * that of the first byte that was read. A newline ends a line, so bytes after the last one are a line. `read` resolves
 * with the bytes of a range.
 */
export async function offsetOfLastLines (
  lines: number, size: number, read: (start: number, end: number) => Promise<Uint8Array>
): Promise<number> {
  if (lines === 0) return size
  // The newline at the end of the file belongs to the last line.
  let left = lines
  let end = size - 1
  const first = Math.max(0, size - MAX_BYTES)
  while (end > first) {
    const start = Math.max(first, Math.floor((end - 1) / STEP_BYTES) * STEP_BYTES)
    const bytes = await read(start, end)
    for (let at = bytes.length - 1; at >= 0; at--) {
      if (bytes[at] === NEWLINE && --left === 0) return start + at + 1
    }
    end = start
  }
  return first
}
