// Which jobs of a cluster run, or may run, and so have one of its slots.

export interface Slots {
  /** Number of slots that are taken. */
  readonly taken: number
  takenBy (user: string): number
  /** Number of jobs that have a slot because they were seen or started. */
  readonly known: number
  knownOf (user: string): number
  /** A job has one slot at most. `isKnown` is false for a job of an earlier launcher that was not observed yet. */
  take (id: string, user: string, isKnown?: boolean): void
  /** Returns the user of the job, or undefined if it had no slot. */
  free (id: string): string | undefined
}

interface Held {
  readonly user: string
  readonly isKnown: boolean
}

export function createSlots (): Slots {
  const held = new Map<string, Held>()
  const taken = createCounts()
  const known = createCounts()

  function free (id: string): string | undefined {
    const slot = held.get(id)
    if (slot === undefined) return undefined
    held.delete(id)
    taken.add(slot.user, -1)
    if (slot.isKnown) known.add(slot.user, -1)
    return slot.user
  }

  return {
    get taken () { return taken.all() },
    takenBy: taken.of,
    get known () { return known.all() },
    knownOf: known.of,
    take (id, user, isKnown = true) {
      if (held.get(id)?.isKnown === true) return
      free(id)
      held.set(id, { user, isKnown })
      taken.add(user, 1)
      if (isKnown) known.add(user, 1)
    },
    free
  }
}

/** Counts in all and for each user. */
function createCounts (): { all: () => number, of: (user: string) => number, add: (user: string, by: number) => void } {
  const byUser = new Map<string, number>()
  let all = 0
  return {
    all: () => all,
    of: user => byUser.get(user) ?? 0,
    add (user, by) {
      all += by
      const count = (byUser.get(user) ?? 0) + by
      if (count === 0) byUser.delete(user)
      else byUser.set(user, count)
    }
  }
}
