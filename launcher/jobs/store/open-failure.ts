// Decides which error it is that SQLite cannot open the database: whether the file is at fault, or what is around it.

import { LauncherError, type ErrorCode } from '../../errors.ts'
import { lockHolder } from '../../lib/lock-holder.ts'
import { isBusy } from '../../lib/sqlite-busy.ts'

/** Primary codes of SQLite, the low byte of `errcode`. */
const PRIMARY = 0xff

/** Failures to open a sound database. Any other code means that the file itself cannot be used. */
const CODE_OF: Readonly<Record<number, ErrorCode>> = {
  3: 'FileNotReadable', // SQLITE_PERM
  5: 'StoreUnavailable', // SQLITE_BUSY
  8: 'FileNotReadable', // SQLITE_READONLY
  10: 'StoreUnavailable', // SQLITE_IOERR
  13: 'DiskFull', // SQLITE_FULL
  14: 'FileNotReadable' // SQLITE_CANTOPEN
}

/** Returns DatabaseInvalid only if the file is damaged or no database. */
export function openFailure (file: string, cause: unknown): LauncherError {
  const { errcode = 0, message } = cause as Error & { errcode?: number }
  const code = CODE_OF[errcode & PRIMARY] ?? 'DatabaseInvalid'
  const pid = isBusy(cause) ? lockHolder(file)?.pid : undefined
  const locked = `is locked by another process${pid === undefined ? '' : `, pid ${pid}`}`
  const problem = isBusy(cause) ? locked : `cannot be opened: ${message}`
  return new LauncherError(
    code, `The database ${file} ${problem}.`, { file, ...(pid !== undefined && { pid }) }, { cause }
  )
}
