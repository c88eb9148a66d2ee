// Recognises errors of SQLite for a database that another process has locked.

const SQLITE_BUSY = 5
/** The primary code of SQLite is the low byte of `errcode`. */
const PRIMARY = 0xff

/** Returns whether the error, or an error that caused it, says that another process has a database locked. */
export function isBusy (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { errcode } = error as { errcode?: unknown }
  return (typeof errcode === 'number' && (errcode & PRIMARY) === SQLITE_BUSY) || isBusy(error.cause)
}
