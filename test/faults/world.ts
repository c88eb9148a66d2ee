// What a history is played on: where programs run, and what can be seen of them from outside.

import type { JobSubmission } from '../../launcher/plugin.ts'
import type { Fault } from './fault.ts'
import type { PlannedJob } from './history.ts'

export interface World {
  /** Of the launcher. */
  readonly settings: Readonly<Record<string, string>>
  /** From now on these faults are played. */
  play (faults: readonly Fault[]): void
  /** How many faults met the launcher until now. */
  faults (): number
  submission (key: string, planned: PlannedJob): JobSubmission
  /** Lets a program end that waits to be told. */
  tell (key: string): void
  /** There where others can: deletes the pod of the program, once it is sure that no other may run it. */
  strike? (key: string, signal: AbortSignal): Promise<void>
  /** How often the program was started. */
  runs (key: string): number
  /**
   * There where something is left until a launcher sweeps it that starts hours later: from now on it is so much later.
   */
  later? (ms: number): void
  /** What is there although every job was removed; after a sweep more has to be gone. */
  leftovers(left: {
    readonly scratchPath: string
    readonly instance: string
    readonly ids: readonly string[]
    readonly swept: boolean
  }): Promise<string[]>
}

/** What a program writes that ran to the place where it waits. */
export function outputOf (key: string, { lines, stdin = 0 }: PlannedJob): string {
  return [...inputOf(key, stdin), ...linesOf(key, lines)].map(line => `${line}\n`).join('')
}

export function linesOf (key: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i} of ${key}`)
}

export function inputOf (key: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `given ${i} to ${key}`)
}
