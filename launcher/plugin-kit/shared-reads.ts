// Shares reads of a growing file between readers at the same position.

/** Bytes of a chunk. Chunks begin at multiples of this size. */
export const CHUNK_BYTES = 65_536
/** Full chunks that are cached for each file. Readers that are further apart read separately. */
const CACHED_CHUNKS = 16

/** Reads up to `length` bytes at `offset` into the start of `buffer`. Resolves with the number of bytes read. */
export type Read = (buffer: Buffer, length: number, offset: number) => Promise<number>

export interface SharedReads {
  /** Registers a reader of a file. The returned function removes it. */
  open (path: string): () => void
  /**
   * Resolves with the bytes from `offset` to the end of its chunk, or to the end of the file if that comes first; empty
   * at the end of the file. Callers must not change them.
   */
  get (path: string, offset: number, read: Read): Promise<Uint8Array>
}

export function createSharedReads (): SharedReads {
  const files = new Map<string, { readers: number, chunks: Map<number, Promise<Uint8Array>> }>()

  return {
    open (path) {
      const file = files.get(path) ?? { readers: 0, chunks: new Map() }
      files.set(path, file)
      file.readers++
      return () => {
        file.readers--
        if (file.readers === 0) files.delete(path)
      }
    },
    async get (path, offset, read) {
      const chunks = files.get(path)?.chunks
      const known = chunks?.get(offset)
      if (known !== undefined) return await known
      const length = CHUNK_BYTES - offset % CHUNK_BYTES
      const reading = readChunk(length, offset, read)
      if (chunks === undefined) return await reading
      chunks.set(offset, reading)
      try {
        const data = await reading
        // A chunk that is not full may still grow, so it is not cached.
        if (data.length < length) chunks.delete(offset)
        else if (chunks.size > CACHED_CHUNKS) chunks.delete(chunks.keys().next().value!)
        return data
      } catch (error) {
        chunks.delete(offset)
        throw error
      }
    }
  }
}

async function readChunk (length: number, offset: number, read: Read): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length)
  const found = await read(buffer, length, offset)
  return found === length ? buffer : Buffer.from(buffer.subarray(0, found))
}
