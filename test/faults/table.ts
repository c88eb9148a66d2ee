// Prints what the fault suite counted as a table; anything but zero in a bad column is a failure: node table.ts FILE
// With the word `part` after it only a part of the suite was run, which need not try everything.

import { readFileSync } from 'node:fs'
import type { Tally } from './invariants.ts'

export interface Column {
  readonly key: keyof Tally
  readonly name: string
  /** What docs/reference/reliability.md promises; a column without a promise only says how much was tried. */
  readonly promise?: string
}

export const COLUMNS: readonly Column[] = [
  { key: 'faults', name: 'faults injected' },
  { key: 'kills', name: 'kills' },
  { key: 'jobs', name: 'jobs' },
  { key: 'lost', name: 'lost', promise: 'A job that was accepted is there and ends.' },
  { key: 'doubled', name: 'doubled', promise: 'It exists once, and its program is started once.' },
  { key: 'wrongVerdicts', name: 'wrong verdicts', promise: 'Its verdict is right, and never changes.' },
  { key: 'bytesLost', name: 'bytes of output lost', promise: 'Its output is whole, in order and without doubles, for those who follow it and for those who read it later.' },
  { key: 'leaked', name: 'leaked objects', promise: 'Of a job that was removed nothing is left: no process, file, Job, pod, Service or Secret; of a launcher that ended in order no socket, lock or temporary file.' }
]

/** `lines` is a file of tallies, one JSON object a line. Pure. */
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
    const complaint = isGoodAt(tally, column, part) ? '' : column.promise === undefined ? '  <-- nothing was tried' : '  <-- must be 0'
    return `${column.name.padEnd(width)}  ${String(tally[column.key]).padStart(6)}${complaint}`
  }).join('\n')
}

/** That nothing was tried is not good, either; of a part of the suite only that no job was. */
export function isGood (tally: Tally, part: boolean): boolean {
  return COLUMNS.every(column => isGoodAt(tally, column, part))
}

function isGoodAt (tally: Tally, { key, promise }: Column, part: boolean): boolean {
  if (promise !== undefined) return tally[key] === 0
  return tally[key] > 0 || (part && key !== 'jobs')
}

if (import.meta.main) {
  const tally = addUp(readFileSync(process.argv[2]!, 'utf8'))
  const part = process.argv[3] === 'part'
  process.stdout.write(`${tableOf(tally, part)}\n`)
  process.exitCode = isGood(tally, part) ? 0 : 1
}
