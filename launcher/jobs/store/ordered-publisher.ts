// Tells of transitions in their order, each as soon as it may be told: some at their commit, others when that is on
// disk.

import type { Job } from '../../model/job.ts'

export interface Transition {
  readonly job: Job
  /** A power failure must not take back what was told of it. */
  readonly afterSync: boolean
}

export interface OrderedPublisher {
  /** A group was committed. What was committed in groups before and may not be told yet comes first. */
  committed (group: readonly Transition[]): void
  /** A group that was committed is on disk, or, not `ok`, will never surely be. */
  synced (group: readonly Transition[], ok: boolean): void
}

export function createOrderedPublisher (publish: (jobs: Job[]) => void): OrderedPublisher {
  let unpublished: Transition[] = []

  function publishFirst (count: number): void {
    if (count === 0) return
    const ready = unpublished.slice(0, count).map(({ job }) => job)
    unpublished = unpublished.slice(count)
    publish(ready)
  }

  function publishReady (): void {
    const first = unpublished.findIndex(({ afterSync: onlyFromDisk }) => onlyFromDisk)
    publishFirst(first === -1 ? unpublished.length : first)
  }

  return {
    committed (group) {
      unpublished.push(...group)
      publishReady()
    },
    synced (group, ok) {
      // Those of groups before are on disk, too.
      if (ok) publishFirst(unpublished.indexOf(group.at(-1)!) + 1)
      else unpublished = unpublished.filter(transition => !group.includes(transition))
      publishReady()
    }
  }
}
