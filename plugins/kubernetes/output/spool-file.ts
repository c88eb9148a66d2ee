// The files in which a job's output is kept: the bytes, and how far the container's log was read for them.

import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  fstatSync,
  statSync,
  writeSync
} from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SavedPosition } from './log-position.ts'

/** What is known of the output that is kept. It may lag behind the bytes: a crash comes between two writes. */
export interface SpoolState {
  /** uid of the pod whose output it is. */
  readonly pod: string
  /** Bytes of the output when the position was that. */
  readonly bytes: number
  readonly position: SavedPosition
  /** There is nothing more to come. */
  readonly complete: boolean
}

export interface SpoolFile {
  /** Appends what the log gives next. What the file has already, from before a crash, is not appended again. */
  append (bytes: Uint8Array): void
  /**
   * Remembers how far the log was read; not before the last one is done. Rejects with system errors. The event loop
   * does not wait for it, because a file system that is writing renames nothing meanwhile.
   */
  save (state: Pick<SpoolState, 'pod' | 'position' | 'complete'>): Promise<void>
  close (): void
}

export function spoolPath (scratchPath: string, id: string): string {
  return join(folderOf(scratchPath, id), 'output')
}

/**
 * Makes the files, so that readers can wait for them to grow. Rejects with system errors. The event loop does not wait
 * for it: a file system that is writing makes nobody a folder meanwhile.
 */
export async function createSpool (scratchPath: string, id: string): Promise<void> {
  await mkdir(folderOf(scratchPath, id), { recursive: true, mode: 0o700 })
  await (await open(spoolPath(scratchPath, id), 'a', 0o600)).close()
}

/**
 * Undefined when there is none, or none that can be trusted, such as one that came to the disk before the bytes it
 * speaks of when the machine lost power: the log is then read from its start and compared.
 */
export function readSpoolState (scratchPath: string, id: string): SpoolState | undefined {
  try {
    const state = JSON.parse(readFileSync(join(folderOf(scratchPath, id), 'state'), 'utf8')) as SpoolState
    return state.bytes <= statSync(spoolPath(scratchPath, id)).size ? state : undefined
  } catch {
    return undefined
  }
}

/** How much output there is. */
export function spoolBytes (scratchPath: string, id: string): number {
  return statSync(spoolPath(scratchPath, id), { throwIfNoEntry: false })?.size ?? 0
}

/** Opens what `makeOutput` made; `state` is what `readKept` gave. Throws system errors. */
export function openSpool (scratchPath: string, id: string, state: SpoolState | undefined): SpoolFile {
  const file = openSync(spoolPath(scratchPath, id), 'r+')
  let size = fstatSync(file).size
  /** Where the bytes of the log belong that come next; less than `size` while they are compared. */
  let at = state?.bytes ?? 0

  /** How many of the bytes the file has at that place already. */
  function alike (bytes: Uint8Array): number {
    const there = Buffer.allocUnsafe(Math.min(bytes.length, size - at))
    const count = readSync(file, there, 0, there.length, at)
    return Buffer.compare(there.subarray(0, count), bytes.subarray(0, count)) === 0 ? count : 0
  }

  return {
    append (bytes) {
      let rest = bytes
      if (at < size) {
        const count = alike(bytes)
        at += count
        rest = bytes.subarray(count)
        // The node no longer has what was read before: the file keeps it.
        if (count === 0) at = size
      }
      try {
        while (rest.length > 0) {
          const count = writeSync(file, rest, 0, rest.length, at)
          rest = rest.subarray(count)
          at += count
          size = at
        }
      } catch (error) {
        // A disk that is full may have taken a part.
        ftruncateSync(file, size)
        throw error
      }
    },
    async save ({ pod, position, complete }) {
      const path = join(folderOf(scratchPath, id), 'state')
      await writeFile(`${path}.new`, JSON.stringify({ pod, bytes: at, position, complete } satisfies SpoolState), {
        mode: 0o600
      })
      await rename(`${path}.new`, path)
    },
    close () { closeSync(file) }
  }
}

export function removeSpool (scratchPath: string, id: string): void {
  rmSync(folderOf(scratchPath, id), { recursive: true, force: true })
}

function folderOf (scratchPath: string, id: string): string {
  return join(scratchPath, 'jobs', id)
}
