// Shares reads of a growing file between readers at the same position.

import { createMemoryPool } from '../lib/memory-pool.ts'

/** Bytes of a chunk. Chunks begin at multiples of this size. */
export const CHUNK_BYTES = 131_072
/** Full chunks that are cached for each file with several readers. Readers that are further apart read separately. */
const CACHED_CHUNKS = 8
/** Fewer bytes are copied, because readers may keep them for long. */
const COPIED_BYTES = CHUNK_BYTES / 4

/**
 * Reads up to `length` bytes at `offset` into the start of `memory`, which is only taken when the read begins. Resolves
 * with the number of bytes read. After an error, a thread may still write to the memory.
 */
export type Read = (memory: () => Buffer<SharedArrayBuffer>, length: number, offset: number) => Promise<number>

export interface SharedReads {
  /** Registers a reader of a file. The returned function removes it. */
  open (path: string): () => void
  /**
   * Resolves with the bytes from `offset` to the end of its chunk, or to the end of the file if that comes first; empty
   * at the end of the file. Callers must not change them. If there is `release`, a caller that no longer uses them
   * calls it once, so their memory can be used again.
   */
  get (path: string, offset: number, read: Read): Promise<Bytes>
}

export interface Bytes {
  readonly data: Uint8Array
  /** The file had no more bytes when they were read. */
  readonly isLast?: boolean
  readonly release?: () => void
}

interface Chunk {
  readonly reading: Promise<{ readonly data: Uint8Array, readonly memory?: Buffer<SharedArrayBuffer> }>
  /** Readers that have not released it, and one if it is cached. */
  uses: number
}

export function createSharedReads (): SharedReads {
  const files = new Map<string, { readers: number, chunks: Map<number, Chunk> }>()
  const pool = createMemoryPool(CHUNK_BYTES)

  async function readChunk (length: number, offset: number, read: Read): Chunk['reading'] {
    let memory: Buffer<SharedArrayBuffer> | undefined
    const found = await read(() => {
      memory ??= pool.take()
      return memory
    }, length, offset)
    if (memory === undefined) return { data: new Uint8Array() }
    if (found > COPIED_BYTES) return { data: memory.subarray(0, found), memory }
    const data = Buffer.from(memory.subarray(0, found))
    pool.give(memory)
    return { data }
  }

  async function release (chunk: Chunk): Promise<void> {
    chunk.uses--
    if (chunk.uses > 0) return
    const { memory } = await chunk.reading
    if (memory !== undefined) pool.give(memory)
  }

  function drop (chunks: Map<number, Chunk>, offset: number): void {
    const chunk = chunks.get(offset)
    if (chunk === undefined) return
    chunks.delete(offset)
    release(chunk).catch(() => {})
  }

  async function bytesOf (chunk: Chunk): Promise<Bytes> {
    chunk.uses++
    const { data, memory } = await chunk.reading
    return memory === undefined ? { data } : { data, release: () => { release(chunk) } }
  }

  return {
    open (path) {
      const file = files.get(path) ?? { readers: 0, chunks: new Map() }
      files.set(path, file)
      file.readers++
      return () => {
        file.readers--
        if (file.readers > 1) return
        for (const offset of [...file.chunks.keys()]) drop(file.chunks, offset)
        if (file.readers === 0) files.delete(path)
      }
    },
    async get (path, offset, read) {
      const file = files.get(path)
      const known = file?.chunks.get(offset)
      if (known !== undefined) return await bytesOf(known)
      const length = CHUNK_BYTES - offset % CHUNK_BYTES
      const chunk: Chunk = { reading: readChunk(length, offset, read), uses: 0 }
      if (file === undefined) return await bytesOf(chunk)
      const { chunks } = file
      chunk.uses++
      chunks.set(offset, chunk)
      try {
        const bytes = await bytesOf(chunk)
        const isLast = bytes.data.length < length
        // A chunk that is not full may still grow, so it is not cached.
        if (isLast || file.readers === 1) drop(chunks, offset)
        else if (chunks.size > CACHED_CHUNKS) drop(chunks, chunks.keys().next().value!)
        return { ...bytes, isLast }
      } catch (error) {
        drop(chunks, offset)
        throw error
      }
    }
  }
}
