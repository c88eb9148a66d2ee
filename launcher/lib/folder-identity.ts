// Identifies a folder, to distinguish it from a copy.

import { statSync } from 'node:fs'

/** Returns inode and time of creation (nanoseconds since 1970, 0 if the file system has none). Throws system errors. */
export function folderIdentity (path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true })
  return `${ino}-${birthtimeNs}`
}
