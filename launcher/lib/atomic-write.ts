// Writes a file atomically: a reader finds the old or the new content, never a part, even after a crash.

import { randomBytes } from 'node:crypto'
import { link, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../errors.ts'
import { readProcessStat } from './process-stat.ts'

/** Temporary files that this process is writing. */
const inFlight = new Set<string>()

/** Replaces or creates the file. `mode` applies regardless of the umask. Rejects with the system's error. */
export async function atomicWrite (path: string, data: string | Uint8Array, mode: number): Promise<void> {
  await throughTemporary(path, data, mode, async temporary => {
    await rename(temporary, path)
    return true
  })
}

/** Creates the file and returns true. Returns false and changes nothing if the file exists. */
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

/**
 * Removes the temporary files of processes that were killed while writing the file. Otherwise they would stay, because
 * a file whose content is right is not written again. Rejects with the system's error.
 */
export async function removeTemporaries (path: string): Promise<void> {
  const folder = dirname(path)
  const begin = `.${basename(path)}.`
  for (const name of await readdir(folder)) {
    if (!name.startsWith(begin)) continue
    const pid = /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(begin.length))?.[1]
    if (pid === undefined || isWriting(Number(pid), join(folder, name))) continue
    await rm(join(folder, name), { force: true })
  }
}

/** For the own pid, uses the set: in a container every launcher has the same pid. */
function isWriting (pid: number, temporary: string): boolean {
  return pid === process.pid ? inFlight.has(temporary) : readProcessStat(pid) !== undefined
}

async function throughTemporary (
  path: string, data: string | Uint8Array, mode: number, publish: (temporary: string) => Promise<boolean>
): Promise<boolean> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  inFlight.add(temporary)
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
    inFlight.delete(temporary)
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
