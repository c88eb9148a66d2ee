// What tells a folder from a copy of it.

import { statSync } from 'node:fs'

/** Inode and time of creation (nanoseconds since 1970, 0 if the file system has none). Throws a system error. */
export function folderIdentity (path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true })
  return `${ino}-${birthtimeNs}`
}
