// Ends a page of jobs early if their submissions are large, because reading them blocks the event loop.

/** Bytes of submissions after which a page ends: some milliseconds of reading. */
export const MAX_PAGE_BYTES = 1 << 18

/** Returns the first rows until their submissions have `maxBytes` together, the row that reaches it included. */
export function upToBytes<T extends Record<string, unknown>> (maxBytes: number, rows: T[]): T[] {
  let bytes = 0
  const last = rows.findIndex(row => (bytes += row.bytes as number) >= maxBytes)
  return last === -1 ? rows : rows.slice(0, last + 1)
}
