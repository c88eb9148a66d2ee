// Recognises errors of a file system that has no room left.

import { statfsSync } from 'node:fs'

const SYSTEM_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT']
/** SQLITE_FULL; the higher bits of a code are its extension. */
const SQLITE_FULL = 13
const SQLITE_PRIMARY = 0xff

/** Returns whether the error, or an error that caused it, says that a file system or a quota has no room left. */
export function isDiskFull (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as { code?: unknown, errcode?: unknown }
  if (SYSTEM_CODES.includes(code)) return true
  if (typeof errcode === 'number' && (errcode & SQLITE_PRIMARY) === SQLITE_FULL) return true
  return isDiskFull(error.cause)
}

/** Returns the bytes of a file system that users other than root can write, and all its bytes. Throws system errors. */
export function diskSpace (path: string): { readonly freeBytes: number, readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(path)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}
