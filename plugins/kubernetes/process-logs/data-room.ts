// Decides whether the file system of the data has room for the process logs of more jobs. Pure.

export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Running jobs write on, so some room is left to them. */
const FULL_BYTES = 64 * 2 ** 20
/** A smaller file system is full below this part of it. */
const FULL_PART = 1 / 16

/**
 * `wasFull`: the result before. There must be clearly room until the data no longer counts as full, so that this does
 * not change with every byte. A file system that reports no size is never full.
 */
export function isFull ({ freeBytes, totalBytes }: Space, wasFull: boolean): boolean {
  const bytes = Math.min(FULL_BYTES, totalBytes * FULL_PART)
  return freeBytes < (wasFull ? 2 * bytes : bytes)
}
