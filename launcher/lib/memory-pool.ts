// Memory that is used again: new memory costs several times what is copied into it, because the system clears each page
// when it is first touched.

/** Pieces that were not needed in this time are left to the garbage collector. */
const UNUSED_MS = 1000

export interface MemoryPool {
  /** Shared memory, so a thread can fill it. Its content is undefined. */
  take (): Buffer<SharedArrayBuffer>
  /** The caller and all threads no longer use the piece. */
  give (piece: Buffer<SharedArrayBuffer>): void
}

export function createMemoryPool (pieceBytes: number): MemoryPool {
  const free: Array<Buffer<SharedArrayBuffer>> = []
  /** Fewest free pieces since the last look. */
  let unused = 0
  let timer: NodeJS.Timeout | undefined

  function dropUnused (): void {
    free.splice(0, unused)
    unused = free.length
    timer = free.length === 0 ? undefined : setTimeout(dropUnused, UNUSED_MS).unref()
  }

  return {
    take () {
      const piece = free.pop() ?? Buffer.from(new SharedArrayBuffer(pieceBytes))
      unused = Math.min(unused, free.length)
      return piece
    },
    give (piece) {
      free.push(piece)
      timer ??= setTimeout(dropUnused, UNUSED_MS).unref()
    }
  }
}
