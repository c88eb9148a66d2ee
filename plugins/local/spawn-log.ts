// Records on disk that a supervisor is about to be spawned for a job, and in which boot. A power failure can undo the
// files of a job that has already run. This log is synced before the spawn, so the job never runs twice.

import { readFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import { atomicWrite } from '../../launcher/lib/atomic-write.ts'
import { isDiskFull } from '../../launcher/lib/disk-full.ts'

export interface SpawnLog {
  /** The boot of the first spawn of a supervisor for the job; undefined if there was none. */
  bootOf (id: string): string | undefined
  /** Resolves when the entry is on disk. Concurrent calls share one sync. Rejects with system errors. */
  add (id: string): Promise<void>
  /**
   * Removes the job's entry, without a sync: an entry that reappears does no harm. Rejects with system errors. The next
   * call then repeats the removal.
   */
  remove (id: string): Promise<void>
  close (): Promise<void>
}

interface Batch {
  text: string
  readonly done: Promise<void>
}

/** Opens the log of the scratch path. Rewrites it without the removed jobs if the disk has room. */
export async function openSpawnLog (scratchPath: string, boot: string): Promise<SpawnLog> {
  const path = join(scratchPath, 'spawned')
  const found = textOf(path)
  const whole = found.slice(0, found.lastIndexOf('\n') + 1)
  const boots = bootsIn(whole)
  const text = await rewritten(path, found, Array.from(boots, ([id, entry]) => `${id} ${entry}\n`).join(''))
  const file: FileHandle = await open(path, 'a', 0o600)
  /** Size of the file up to the last write that succeeded. */
  let size = Buffer.byteLength(text ?? whole, 'latin1')
  /** Whether a part of an entry follows, which a failed write or a crash has left. */
  let hasRest = text === undefined && whole !== found
  let next: Batch | undefined
  let writing: Promise<unknown> = Promise.resolve()
  let needsSync = false

  /** Waits for the write in progress, then writes all lines that have come meanwhile. */
  function write (line: string, sync: boolean): Promise<void> {
    if (next === undefined) {
      const batch: Batch = { text: '', done: writing.catch(() => {}).then(() => flush(batch)) }
      next = batch
      writing = batch.done
    }
    next.text += line
    needsSync ||= sync
    return next.done
  }

  async function flush (batch: Batch): Promise<void> {
    const sync = needsSync
    next = undefined
    needsSync = false
    if (hasRest) await removeRest()
    try {
      await file.appendFile(batch.text)
      if (sync) await file.datasync()
    } catch (error) {
      hasRest = true
      await removeRest().catch(() => {})
      throw error
    }
    size += Buffer.byteLength(batch.text)
  }

  /**
   * Removes what a failed write has left. A partial line would damage the next entry. A complete one would claim a
   * spawn that did not happen. If the removal fails, the next write repeats it.
   */
  async function removeRest (): Promise<void> {
    await file.truncate(size)
    hasRest = false
  }

  return {
    bootOf: id => boots.get(id),
    async add (id) {
      if (boots.has(id)) return
      await write(`${id} ${boot}\n`, true)
      boots.set(id, boot)
    },
    async remove (id) {
      if (!boots.has(id)) return
      await write(`${id} -\n`, false)
      boots.delete(id)
    },
    async close () {
      await writing.catch(() => {})
      await file.close()
    }
  }
}

/** Returns undefined if the file remains as it was, because the disk has no room for another. */
async function rewritten (path: string, found: string, text: string): Promise<string | undefined> {
  if (text === found) return text
  try {
    await atomicWrite(path, text, 0o600)
    return text
  } catch (error) {
    if (isDiskFull(error)) return undefined
    throw error
  }
}

/** `text` has no incomplete last line: a crash cut it, and its job was not spawned yet. */
function bootsIn (text: string): Map<string, string> {
  const boots = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [id, boot] = line.split(' ')
    if (id === undefined || boot === undefined) continue
    if (boot === '-') boots.delete(id)
    else if (!boots.has(id)) boots.set(id, boot)
  }
  return boots
}

function textOf (path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ''
    throw error
  }
}
