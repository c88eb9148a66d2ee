// Where a history is played: where programs run, and what can be observed of them from outside.

import type { JobSubmission } from '../../launcher/plugin.ts'
import type { Fault } from './fault.ts'
import type { PlannedJob } from './history.ts'

export interface World {
  /** Settings of the launcher. */
  readonly settings: Readonly<Record<string, string>>
  /** Only if the scratch path is to be something else than a new folder: makes it. */
  prepare? (scratchPath: string): void
  /** Replaces the faults from now on. */
  play (faults: readonly Fault[]): void
  /** Number of faults that have met the launcher so far. */
  faults (): number
  submission (key: string, planned: PlannedJob): JobSubmission
  /** Lets a waiting program end. */
  signal (key: string): void
  /** Only where other clients can delete pods: deletes the pod of the program. */
  deletePod? (key: string): Promise<void>
  /** Number of starts of the program. */
  runs (key: string): number
  /** Only if a launcher that starts hours later collects garbage: makes it this much later from now on. */
  later? (ms: number): void
  /** What exists although every job was removed. */
  leftovers(left: {
    readonly scratchPath: string
    readonly instance: string
    readonly ids: readonly string[]
  }): Promise<string[]>
}

/** The output of a program that ran up to its wait. */
export function outputOf (key: string, { lines, stdin = 0 }: PlannedJob): string {
  return [...inputOf(key, stdin), ...linesOf(key, lines)].map(line => `${line}\n`).join('')
}

export function linesOf (key: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i} of ${key}`)
}

export function inputOf (key: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `given ${i} to ${key}`)
}
