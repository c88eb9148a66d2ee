// Writes a file so that whoever reads it, even after a crash, finds the old content or the new, never a part.

import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../errors.ts'

/** Replaces or creates the file. `mode` holds whatever the umask is. Rejects with the system's error. */
export async function atomicWrite (path: string, data: string | Uint8Array, mode: number): Promise<void> {
  await throughTemporary(path, data, mode, async temporary => {
    await rename(temporary, path)
    return true
  })
}

/** Creates the file and returns true, or returns false and changes nothing when there is one already. */
export async function atomicCreate (path: string, data: string | Uint8Array, mode: number): Promise<boolean> {
  return await throughTemporary(path, data, mode, async temporary => {
    try {
      await link(temporary, path)
      return true
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false
      throw error
    }
  })
}

async function throughTemporary (
  path: string, data: string | Uint8Array, mode: number, publish: (temporary: string) => Promise<boolean>
): Promise<boolean> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.chmod(mode)
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    const published = await publish(temporary)
    await syncFolder(folder)
    return published
  } finally {
    await rm(temporary, { force: true })
  }
}

async function syncFolder (path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
