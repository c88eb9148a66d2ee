// Reads and writes the links in the scratch path that note where output is. They are never followed.

import { readlinkSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../../../launcher/errors.ts'

/** Returns undefined if there is no such link. */
export function linkTarget (path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** Replaces the link, or removes it if `target` is undefined. */
export async function setLink (path: string, target: string | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await rm(path, { force: true })
  if (target !== undefined) await symlink(target, path)
}

/** Why it cannot be known whether there is such a link: the code of the system. Undefined if it can. */
export function hiddenLink (path: string): string | undefined {
  try {
    readlinkSync(path)
    return undefined
  } catch (error) {
    const code = systemCode(error)
    return code === 'ENOENT' || code === 'EINVAL' ? undefined : code
  }
}
