// Splits a stream of bytes into lines, independent of its chunk boundaries.

const NEWLINE = 0x0a

/**
 * Yields for each chunk the lines that it completes (often none), without their newlines. Text after the last newline
 * is dropped, because its rest never arrived.
 */
export async function * linesOf (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer[], void, undefined> {
  let pending: Buffer[] = []
  for await (const bytes of chunks) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end)
      lines.push(pending.length === 0 ? rest : Buffer.concat([...pending, rest]))
      pending = []
      start = end + 1
    }
    if (start < chunk.length) pending.push(chunk.subarray(start))
    yield lines
  }
}
