// Decides which error it is that SQLite cannot open the database: whether the file is at fault, or what is around it.

import { LauncherError, type ErrorCode } from '../../errors.ts'

/** Primary codes of SQLite, the low byte of `errcode`. */
const PRIMARY = 0xff
const BUSY = 5

/** Failures to open a sound database. Any other code means that the file itself cannot be used. */
const CODE_OF: Readonly<Record<number, ErrorCode>> = {
  3: 'FileNotReadable', // SQLITE_PERM
  [BUSY]: 'StoreUnavailable',
  8: 'FileNotReadable', // SQLITE_READONLY
  10: 'StoreUnavailable', // SQLITE_IOERR
  13: 'DiskFull', // SQLITE_FULL
  14: 'FileNotReadable' // SQLITE_CANTOPEN
}

/** Returns DatabaseInvalid only if the file is damaged or no database. */
export function openFailure (file: string, cause: unknown): LauncherError {
  const { errcode = 0, message } = cause as Error & { errcode?: number }
  const primary = errcode & PRIMARY
  const problem = primary === BUSY ? 'is locked by another process' : `cannot be opened: ${message}`
  const code = CODE_OF[primary] ?? 'DatabaseInvalid'
  return new LauncherError(code, `The database ${file} ${problem}.`, { file }, { cause })
}
