// Prints the counts of the fault suite as a table: node table.ts FILE [part]
// A column with a promise must be zero. `part` means that only a part of the suite ran, which need not try everything.

import { readFileSync } from 'node:fs'
import type { Tally } from './invariants.ts'

export interface Column {
  readonly key: keyof Tally
  readonly name: string
  /** The promise of docs/reference/reliability.md; a column without a promise only shows how much was tried. */
  readonly promise?: string
  /** Without a promise: only root can try it. */
  readonly needsRoot?: true
}

export const COLUMNS: readonly Column[] = [
  { key: 'faults', name: 'faults injected' },
  { key: 'kills', name: 'kills' },
  { key: 'fullDisks', name: 'full disks', needsRoot: true },
  { key: 'clockSteps', name: 'clock steps' },
  { key: 'containerRestarts', name: 'container restarts', needsRoot: true },
  { key: 'hostilePrograms', name: 'hostile programs', needsRoot: true },
  { key: 'hungFileSystems', name: 'hung file systems', needsRoot: true },
  { key: 'stuckLogs', name: 'unread and full logs' },
  { key: 'jobs', name: 'jobs' },
  { key: 'lost', name: 'lost', promise: 'An accepted job exists and ends.' },
  { key: 'doubled', name: 'doubled', promise: 'An accepted job exists once, and its program is started once.' },
  { key: 'wrongOutcomes', name: 'wrong outcomes', promise: 'The outcome of a job is right, and never changes.' },
  {
    key: 'bytesLost',
    name: 'bytes of output lost',
    promise: 'Output is complete, in order and without duplicates, both for clients that follow it and for clients ' +
      'that read it later.'
  },
  {
    key: 'leaked',
    name: 'leaked objects',
    promise: 'A removed job leaves no process, file, Job, pod, Service or Secret behind. A launcher that exits in ' +
      'order leaves no socket, held lock or temporary file. The empty file `launcher.lock` stays on purpose, unlocked.'
  },
  {
    key: 'strangersEnded',
    name: 'foreign processes ended',
    promise: 'The launcher ends no process that is not of the job, whatever a user writes and whichever process took ' +
      'an old id.'
  },
  {
    key: 'secretsRead',
    name: 'foreign files read',
    promise: 'A user reads no file through the launcher that the user could not read otherwise.'
  }
]

/** `lines` is the text of a file of tallies, one JSON object a line. Pure. */
export function addUp (lines: string): Tally {
  const sum = Object.fromEntries(COLUMNS.map(({ key }) => [key, 0])) as Record<keyof Tally, number>
  for (const line of lines.split('\n').filter(line => line !== '')) {
    for (const [key, count] of Object.entries(JSON.parse(line) as Partial<Tally>)) sum[key as keyof Tally] += count
  }
  return sum
}

export function tableOf (tally: Tally, part: boolean): string {
  const width = Math.max(...COLUMNS.map(({ name }) => name.length))
  return COLUMNS.map(column => {
    const complaint = isGoodAt(tally, column, part)
      ? ''
      : column.promise === undefined
        ? '  <-- nothing was tried'
        : '  <-- must be 0'
    return `${column.name.padEnd(width)}  ${String(tally[column.key]).padStart(6)}${complaint}`
  }).join('\n')
}

/** A whole run is not good if nothing was tried in some column; a part of the suite only if no job was played. */
export function isGood (tally: Tally, part: boolean): boolean {
  return COLUMNS.every(column => isGoodAt(tally, column, part))
}

function isGoodAt (tally: Tally, { key, promise, needsRoot }: Column, part: boolean): boolean {
  if (promise !== undefined) return tally[key] === 0
  return tally[key] > 0 || (part && key !== 'jobs') || (needsRoot === true && process.getuid!() !== 0)
}

if (import.meta.main) {
  const tally = addUp(readFileSync(process.argv[2]!, 'utf8'))
  const part = process.argv[3] === 'part'
  process.stdout.write(`${tableOf(tally, part)}\n`)
  process.exitCode = isGood(tally, part) ? 0 : 1
}
