// A moment at which a launcher is killed, as data.

/** What a history has come to, for its first job: a crash that waits for it counts steps from then on. */
export type Phase = 'submit' | 'run' | 'ask' | 'end' | 'remove'

export interface Crash {
  /** From when on its steps count: from the start of the launcher when it is left out. */
  readonly from?: Phase
  /** Name of the step before which the launcher dies, as test/faults/crash.ts names it; `*` is any. */
  readonly at: string
  /** Which one of them; the first when it is left out. */
  readonly nth?: number
  /** SIGKILL when it is left out. */
  readonly signal?: 'SIGTERM'
}
