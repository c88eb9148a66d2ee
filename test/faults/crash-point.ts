// The moment at which a launcher is killed, or at which its machine has a bad day, as data.

/** Progress of a history, for its first job. A crash with a phase counts steps from the start of that phase. */
export type Phase = 'submit' | 'run' | 'ask' | 'end' | 'remove'

export interface Crash {
  /** The phase from which steps are counted; by default the start of the launcher. */
  readonly from?: Phase
  /** Name of the step before which the launcher dies, as test/faults/crash.ts names it; `*` is any. */
  readonly at: string
  /** The ordinal of the step; by default 1. */
  readonly nth?: number
  /** By default SIGKILL. */
  readonly signal?: 'SIGTERM'
  /** Happens before the step instead of the signal. */
  readonly deed?: Deed
}

/** How long a deed lasts. */
export const DEED_MS = 1000

/** The disk has no more blocks or inodes, or the clock of the launcher is moved. */
export type Deed = 'no blocks' | 'no inodes' | { readonly clockMs: number }
