// Publishes transitions in commit order: some on commit, others only once the commit is on disk.

import type { Job } from '../../model/job.ts'
import type { Removed } from './removals.ts'

export interface Transition {
  readonly event: Job | Removed
  /** Publish only after the sync, because a power failure must not take back what was published. */
  readonly afterSync: boolean
  /** No stream shows the change. */
  readonly isSilent?: boolean
}

export interface OrderedPublisher {
  /** A group was committed. Unpublished transitions of earlier groups stay ahead of it. */
  committed (group: readonly Transition[]): void
  /** The group is on disk; `ok` is false if its durability cannot be guaranteed. */
  synced (group: readonly Transition[], ok: boolean): void
}

export function createOrderedPublisher (publish: (transitions: Transition[]) => void): OrderedPublisher {
  let unpublished: Transition[] = []

  function publishFirst (count: number): void {
    if (count === 0) return
    const ready = unpublished.slice(0, count)
    unpublished = unpublished.slice(count)
    publish(ready)
  }

  function publishReady (): void {
    const first = unpublished.findIndex(({ afterSync }) => afterSync)
    publishFirst(first === -1 ? unpublished.length : first)
  }

  return {
    committed (group) {
      unpublished.push(...group)
      publishReady()
    },
    synced (group, ok) {
      // The transitions of earlier groups are on disk, too.
      if (ok) publishFirst(unpublished.indexOf(group.at(-1)!) + 1)
      else unpublished = unpublished.filter(transition => !group.includes(transition))
      publishReady()
    }
  }
}
