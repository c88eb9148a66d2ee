// Whether every user of the machine can write a file.

import { access, constants, stat } from 'node:fs/promises'
import { systemCode } from '../errors.ts'

const WRITABLE_BY_ALL = 0o002

/**
 * Always false on a file system that is mounted read-only, such as a ConfigMap in a pod. Rejects with the system's
 * error if the file cannot be examined.
 */
export async function isWritableByAll (file: string): Promise<boolean> {
  return ((await stat(file)).mode & WRITABLE_BY_ALL) !== 0 && !await isReadOnly(file)
}

/** Resolves with whether the file system is mounted read-only. */
export async function isReadOnly (file: string): Promise<boolean> {
  try {
    await access(file, constants.W_OK)
    return false
  } catch (error) {
    return systemCode(error) === 'EROFS'
  }
}
