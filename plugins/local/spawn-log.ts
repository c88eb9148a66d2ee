// Remembers on disk which jobs a supervisor was spawned for, and in which boot, before the supervisor exists. A power
// failure can take back the files of a job that has run already; this log is synced first, so the job never runs twice.

import { readFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import { atomicWrite } from '../../launcher/lib/atomic-write.ts'

export interface SpawnLog {
  /** The boot in which a supervisor of the job was first to be spawned; undefined if none was. */
  bootOf (id: string): string | undefined
  /** Resolves when the entry is on disk. Calls that come together share one sync. Rejects with system errors. */
  add (id: string): Promise<void>
  /**
   * Forgets the job. The removal is not synced: an entry that comes back does no harm. Rejects with system errors; the
   * next call repeats the removal.
   */
  remove (id: string): Promise<void>
  close (): Promise<void>
}

interface Batch {
  text: string
  readonly done: Promise<void>
}

/** Opens the log of the scratch path, and rewrites it without the jobs that were removed. */
export async function openSpawnLog (scratchPath: string, boot: string): Promise<SpawnLog> {
  const path = join(scratchPath, 'spawned')
  const boots = readLog(path)
  const text = Array.from(boots, ([id, entry]) => `${id} ${entry}\n`).join('')
  await atomicWrite(path, text, 0o600)
  const file: FileHandle = await open(path, 'a', 0o600)
  /** Size of the file up to the last write that succeeded. */
  let size = Buffer.byteLength(text)
  let hasRest = false
  let next: Batch | undefined
  let writing: Promise<unknown> = Promise.resolve()
  let needsSync = false

  /** Waits for the write in progress, then writes all that has come meanwhile. */
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
   * Removes what a failed write has left. A part of a line would damage the next entry, and a whole entry would say of
   * a job that was not spawned that it was. If it fails, the next write repeats it.
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

/** A line that a crash cut is the last one, of a job that was not spawned yet. */
function readLog (path: string): Map<string, string> {
  const boots = new Map<string, string>()
  for (const line of textOf(path).split('\n').slice(0, -1)) {
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
