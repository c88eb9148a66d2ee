// The spool files of a job: its output, and the state that records how far the container's log was read.

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
import type { OutputTruncated } from '../../../launcher/plugin.ts'
import type { Truncation } from '../metadata/annotations.ts'
import type { SavedPosition } from './log-position.ts'

/** The state of the collected output. It can be behind the output: a crash can occur between the two writes. */
export interface SpoolState {
  /** uid of the pod that wrote the output. */
  readonly pod: string
  /** Bytes of the output at that position. */
  readonly bytes: number
  readonly position: SavedPosition
  /** All output was collected, or all that the limit allows. */
  readonly complete: boolean
  /** The job wrote more than its limit. */
  readonly overLimit?: boolean
  /** Why output is missing. */
  readonly truncation?: Truncation | OutputTruncated['reason']
}

export interface SpoolFile {
  /** Appends the next bytes of the log. Bytes that the file already has from before a crash are not appended again. */
  append (bytes: Uint8Array): void
  /** Bytes of the log in the file up to now. */
  readonly offset: number
  /** The file has output from before a crash that the log no longer has. */
  readonly isAheadOfLog: boolean
  /**
   * Saves how far the log was read. Call it again only after the last call has settled. Rejects with system errors.
   * Asynchronous, because rename can block for a long time while the file system is flushing.
   */
  save (state: Omit<SpoolState, 'bytes'>): Promise<void>
  close (): void
}

export function spoolPath (scratchPath: string, id: string): string {
  return join(folderOf(scratchPath, id), 'output')
}

/**
 * Creates the files, so that readers can watch them grow. Rejects with system errors. Asynchronous, because mkdir can
 * block for a long time while the file system is flushing.
 */
export async function createSpool (scratchPath: string, id: string): Promise<void> {
  await mkdir(folderOf(scratchPath, id), { recursive: true, mode: 0o700 })
  await (await open(spoolPath(scratchPath, id), 'a', 0o600)).close()
}

/**
 * Returns undefined if the state is missing or cannot be trusted, such as one that reached the disk before the bytes it
 * describes when the machine lost power. The log is then read from its start and compared.
 */
export function readSpoolState (scratchPath: string, id: string): SpoolState | undefined {
  const path = join(folderOf(scratchPath, id), 'state')
  // Most jobs have none at their first read, and a thrown error costs more than this call.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as SpoolState
    return state.bytes <= statSync(spoolPath(scratchPath, id)).size ? state : undefined
  } catch {
    return undefined
  }
}

/** Launchers up to 0.1.0 wrote the reason alone. */
export function knownTruncation (state: SpoolState | undefined): Truncation | undefined {
  const truncation = state?.truncation
  return typeof truncation === 'string' ? { reason: truncation } : truncation
}

/** Returns why output is missing if no more than that of the state will be collected. */
export function truncationOf (state: SpoolState): Truncation | undefined {
  const { bytes, complete, overLimit } = state
  const known = knownTruncation(state)
  if (known !== undefined) return known
  if (overLimit === true) return { reason: 'OutputLimitExceeded' }
  return complete ? undefined : { reason: 'LogEndLost', offset: bytes }
}

/** Bytes of collected output. */
export function spoolBytes (scratchPath: string, id: string): number {
  return statSync(spoolPath(scratchPath, id), { throwIfNoEntry: false })?.size ?? 0
}

/** Opens the files that `createSpool` created. `state` is the result of `readSpoolState`. Throws system errors. */
export function openSpool (scratchPath: string, id: string, state: SpoolState | undefined): SpoolFile {
  const file = openSync(spoolPath(scratchPath, id), 'r+')
  let size = fstatSync(file).size
  /** Offset of the log's next bytes in the file; less than `size` while they are compared. */
  let offset = state?.bytes ?? 0
  let isAheadOfLog = false

  /** How many of the bytes the file already has at that offset. */
  function countEqual (bytes: Uint8Array): number {
    const existing = Buffer.allocUnsafe(Math.min(bytes.length, size - offset))
    const count = readSync(file, existing, 0, existing.length, offset)
    return Buffer.compare(existing.subarray(0, count), bytes.subarray(0, count)) === 0 ? count : 0
  }

  return {
    append (bytes) {
      let rest = bytes
      if (offset < size) {
        const count = countEqual(bytes)
        offset += count
        rest = bytes.subarray(count)
        // The node no longer has the output read before; the file keeps it.
        if (count === 0) {
          offset = size
          isAheadOfLog = true
        }
      }
      try {
        while (rest.length > 0) {
          const count = writeSync(file, rest, 0, rest.length, offset)
          rest = rest.subarray(count)
          offset += count
          size = offset
        }
      } catch (error) {
        // A full disk may have accepted a part.
        ftruncateSync(file, size)
        throw error
      }
    },
    get offset () { return offset },
    get isAheadOfLog () { return isAheadOfLog },
    async save (state) {
      const path = join(folderOf(scratchPath, id), 'state')
      await writeFile(`${path}.new`, JSON.stringify({ ...state, bytes: offset } satisfies SpoolState), { mode: 0o600 })
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
