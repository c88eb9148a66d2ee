// Tells of transitions in their order, each as soon as it may be told: some at their commit, others when that is on disk.

import type { Job } from '../../model/job.ts'

export interface Transition {
  readonly job: Job
  /** A power failure must not take back what was told of it. */
  readonly onlyFromDisk: boolean
}

export interface Teller {
  /** A group was committed. What was committed in groups before and may not be told yet comes first. */
  committed (group: readonly Transition[]): void
  /** A group that was committed is on disk, or, not `ok`, will never surely be. */
  synced (group: readonly Transition[], ok: boolean): void
}

export function teller (tell: (jobs: Job[]) => void): Teller {
  let untold: Transition[] = []

  function tellFirst (count: number): void {
    if (count === 0) return
    const told = untold.slice(0, count).map(({ job }) => job)
    untold = untold.slice(count)
    tell(told)
  }

  function tellWhatMay (): void {
    const first = untold.findIndex(({ onlyFromDisk }) => onlyFromDisk)
    tellFirst(first === -1 ? untold.length : first)
  }

  return {
    committed (group) {
      untold.push(...group)
      tellWhatMay()
    },
    synced (group, ok) {
      // Those of groups before are on disk, too.
      if (ok) tellFirst(untold.indexOf(group.at(-1)!) + 1)
      else untold = untold.filter(transition => !group.includes(transition))
      tellWhatMay()
    }
  }
}
