// The columns of a table of jobs.

import type { ClientJob } from '../client/client.ts'
import type { Column } from './table.ts'

const UNITS: ReadonlyArray<[letter: string, seconds: number]> = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]]

/** `now` returns milliseconds since 1970. */
export function jobColumns (now: () => number): ReadonlyArray<Column<ClientJob>> {
  return [
    { title: 'ID', value: job => job.id },
    { title: 'NAME', value: job => job.name, shrinkTo: 8 },
    { title: 'USER', value: job => job.user, shrinkTo: 6 },
    { title: 'CLUSTER', value: job => job.cluster, shrinkTo: 5 },
    { title: 'STATUS', value: job => job.status },
    { title: 'EXIT', value: job => String(job.exitCode ?? '') },
    { title: 'AGE', value: job => shortAge(now() - Date.parse(job.submissionTime)) },
    { title: 'TOOK', value: job => took(job, now()) },
    { title: 'REASON', value: job => job.reason ?? '', shrinkTo: 6 }
  ]
}

function took ({ startTime, endTime }: ClientJob, now: number): string {
  if (startTime === undefined) return ''
  return shortAge((endTime === undefined ? now : Date.parse(endTime)) - Date.parse(startTime))
}

/**
 * Returns `45s`, `3m`, `2h` or `5d`: in the largest unit with a value of at least two, or in seconds. Never negative.
 */
export function shortAge (milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [letter, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? UNITS.at(-1)!
  return `${Math.floor(seconds / size)}${letter}`
}
