// Lets readers that are at the same place of a growing file share what was read there.

/** Bytes of a piece; pieces begin at multiples of it. */
export const CHUNK_BYTES = 65_536
/** Whole pieces kept for each file: readers that are further apart read for themselves. */
const CACHED_CHUNKS = 16

/** Reads up to `length` bytes at `offset` into the start of `buffer`, and resolves with how many there were. */
export type Read = (buffer: Buffer, length: number, offset: number) => Promise<number>

export interface SharedReads {
  /** Begins to read a file; the function it returns ends that. */
  open (path: string): () => void
  /**
   * The bytes from `offset` to the end of its piece, as far as they are there; empty at the end of the file. Not to be
   * changed.
   */
  get (path: string, offset: number, read: Read): Promise<Uint8Array>
}

export function createSharedReads (): SharedReads {
  const files = new Map<string, { readers: number, pieces: Map<number, Promise<Uint8Array>> }>()

  return {
    open (path) {
      const file = files.get(path) ?? { readers: 0, pieces: new Map() }
      files.set(path, file)
      file.readers++
      return () => {
        file.readers--
        if (file.readers === 0) files.delete(path)
      }
    },
    async get (path, offset, read) {
      const chunks = files.get(path)?.pieces
      const known = chunks?.get(offset)
      if (known !== undefined) return await known
      const length = CHUNK_BYTES - offset % CHUNK_BYTES
      const reading = readChunk(length, offset, read)
      if (chunks === undefined) return await reading
      chunks.set(offset, reading)
      try {
        const data = await reading
        // Only what cannot grow any more is worth keeping.
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
