// Checks for `doctor` that a launcher can open the database. Writes nothing. No launcher may have the database open.

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { isLauncherError } from '../../errors.ts'
import { refuseNewer } from './schema.ts'
import { openFailure } from './open-failure.ts'

/** Accepts a missing file, which a start creates. Throws the errors of `openDatabase`. */
export function checkDatabase (file: string): void {
  if (!existsSync(file)) return
  const url = pathToFileURL(file)
  // With this parameter, SQLite creates neither a lock file nor a log file.
  url.searchParams.set('immutable', '1')
  let sqlite: DatabaseSync | undefined
  try {
    sqlite = new DatabaseSync(url, { readOnly: true })
    refuseNewer(file, sqlite)
  } catch (cause) {
    if (isLauncherError(cause)) throw cause
    throw openFailure(file, cause)
  } finally {
    if (sqlite?.isOpen === true) sqlite.close()
  }
}
