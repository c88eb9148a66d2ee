// Notes in a job's folder what the launcher does to end the job, for the next launcher. The note has its room before
// the job runs, so it can be written on a full disk, where the store cannot.

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import { parseObject } from '../../launcher/lib/parse-json.ts'
import type { Intent } from '../../launcher/plugin.ts'

export interface ControlNote {
  /** The last stop or kill that was requested. A stop does not replace a kill. */
  readonly intent?: Intent
  /** A launcher killed the job because of its output. */
  readonly overOutputLimit?: boolean
}

/** More than the longest note. All texts have this length, so that one replaces another in place. */
const NOTE_BYTES = 1024

export function controlNoteFile (folder: string): string {
  return join(folder, 'control.json')
}

export function controlNoteText (note: ControlNote): string {
  return JSON.stringify(note).padEnd(NOTE_BYTES - 1) + '\n'
}

/** Returns an empty note if the file is missing or damaged. */
export function readControlNote (folder: string): ControlNote {
  try {
    return parseObject(readFileSync(controlNoteFile(folder), 'utf8')) ?? {}
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {}
    throw error
  }
}

/** Adds `change` to the note. Truncates nothing, because on a full disk another process could take the room. */
export function writeControlNote (folder: string, change: ControlNote): void {
  const before = readControlNote(folder)
  const intent = before.intent?.operation === 'kill' ? before.intent : change.intent ?? before.intent
  replace(folder, { ...before, ...change, ...(intent && { intent }) })
}

/** Takes a request back that could not be carried out. */
export function eraseIntent (folder: string): void {
  const { intent: _intent, ...rest } = readControlNote(folder)
  replace(folder, rest)
}

function replace (folder: string, note: ControlNote): void {
  const descriptor = openSync(controlNoteFile(folder), constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    writeSync(descriptor, controlNoteText(note), 0)
  } finally {
    closeSync(descriptor)
  }
}
