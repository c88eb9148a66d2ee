// The order in which waiting jobs start: a user's own by priority and then by age, and round-robin between users of one
// level. Pure.

export interface QueuedStart {
  readonly id: string
  readonly user: string
  readonly priority: number
}

export interface StartOrder<Start extends QueuedStart> {
  readonly size: number
  /** Number of waiting jobs of a user. */
  sizeOf (user: string): number
  /** Number of waiting jobs of the users who are not blocked. */
  readonly unblockedSize: number
  add (start: Start): void
  get (id: string): Start | undefined
  /** Returns the removed job. */
  remove (id: string): Start | undefined
  /** Returns the next job of a user who is not blocked. */
  first (): Start | undefined
  /** No job of the user is the first, until `unblock`. */
  block (user: string): void
  unblock (user: string): void
  /** Asks for every level again, and unblocks all users. */
  refresh (): void
  /**
   * Returns the place of each job. Jobs of users who are blocked, or whose first job `isBlocked`, have a place among
   * their user's own, and all others among these.
   */
  places (isBlocked: (first: Start) => boolean): ReadonlyMap<string, Place>
}

export interface Place {
  /** From 1. */
  readonly position: number
  readonly of: number
}

interface Entry<Start> {
  readonly start: Start
  level: number
}

/** The waiting jobs of one user. */
interface Lane<Start> {
  readonly user: string
  /** Each list is by age. */
  readonly byPriority: Map<number, Array<Entry<Start>>>
  size: number
  /** The level that the user waits at: that of the first job. Undefined while blocked. */
  level?: number | undefined
}

/** Of several users, one with a job of the highest level is served first. `levelOf` must not fall with the priority. */
export function createStartOrder<Start extends QueuedStart> (levelOf: (start: Start) => number): StartOrder<Start> {
  const entries = new Map<string, Entry<Start>>()
  const lanes = new Map<string, Lane<Start>>()
  /** Users of each level. The first user is served next and then moves to the end. */
  const levels = new Map<number, Set<Lane<Start>>>()
  let unblockedSize = 0

  function leave (lane: Lane<Start>): void {
    if (lane.level === undefined) return
    unblockedSize -= lane.size
    const lanes = levels.get(lane.level)!
    lanes.delete(lane)
    if (lanes.size === 0) levels.delete(lane.level)
    lane.level = undefined
  }

  /** Puts the user at the end of its level, unless the user waits there already. */
  function place (lane: Lane<Start>): void {
    const { level } = headOf(lane)
    if (lane.level === level) return
    leave(lane)
    unblockedSize += lane.size
    lane.level = level
    const lanes = levels.get(level)
    if (lanes === undefined) levels.set(level, new Set([lane]))
    else lanes.add(lane)
  }

  function unblock (user: string): void {
    const lane = lanes.get(user)
    if (lane !== undefined) place(lane)
  }

  return {
    get size () { return entries.size },
    sizeOf: user => lanes.get(user)?.size ?? 0,
    get unblockedSize () { return unblockedSize },
    get: id => entries.get(id)?.start,

    add (start) {
      const { id, user, priority } = start
      const entry = { start, level: levelOf(start) }
      entries.set(id, entry)
      const lane: Lane<Start> = lanes.get(user) ?? { user, byPriority: new Map(), size: 0 }
      lanes.set(user, lane)
      const list = lane.byPriority.get(priority)
      if (list === undefined) lane.byPriority.set(priority, [entry])
      else list.push(entry)
      lane.size++
      if (lane.level !== undefined) unblockedSize++
      place(lane)
    },

    remove (id) {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const { user, priority } = entry.start
      const lane = lanes.get(user)!
      const wasFirst = headOf(lane) === entry
      const list = lane.byPriority.get(priority)!
      if (list[0] === entry) list.shift()
      // Jobs are canceled newest first.
      else list.splice(list.lastIndexOf(entry), 1)
      if (list.length === 0) lane.byPriority.delete(priority)
      entries.delete(id)
      lane.size--
      const isBlocked = lane.level === undefined
      if (!isBlocked) unblockedSize--
      if (wasFirst || lane.size === 0) leave(lane)
      if (lane.size === 0) lanes.delete(user)
      else if (wasFirst && !isBlocked) place(lane)
      return entry.start
    },

    first () {
      if (levels.size === 0) return undefined
      const [lane] = levels.get(Math.max(...levels.keys()))!
      return headOf(lane!).start
    },

    block (user) {
      const lane = lanes.get(user)
      if (lane !== undefined) leave(lane)
    },

    unblock,

    refresh () {
      for (const entry of entries.values()) entry.level = levelOf(entry.start)
      for (const user of lanes.keys()) unblock(user)
    },

    places (isBlocked) {
      const found = new Map<string, Place>()
      const note = (ids: readonly string[]): void => {
        ids.forEach((id, index) => found.set(id, { position: index + 1, of: ids.length }))
      }
      const [blocked, waiting] = [[] as Array<Lane<Start>>, [] as Array<Lane<Start>>]
      for (const lanes of levels.values()) {
        for (const lane of lanes) (isBlocked(headOf(lane).start) ? blocked : waiting).push(lane)
      }
      for (const lane of lanes.values()) if (lane.level === undefined) blocked.push(lane)
      note(inTurns(waiting))
      for (const lane of blocked) note(inOrder(lane).map(({ start: { id } }) => id))
      return found
    }
  }
}

function headOf<Start> ({ byPriority }: Lane<Start>): Entry<Start> {
  return byPriority.get(Math.max(...byPriority.keys()))![0]!
}

function inOrder<Start> ({ byPriority }: Lane<Start>): Array<Entry<Start>> {
  return [...byPriority].sort(([a], [b]) => b - a).flatMap(([, list]) => list)
}

/** Returns ids: of each level, the highest first, one of each user in turn. */
function inTurns<Start extends QueuedStart> (lanes: ReadonlyArray<Lane<Start>>): string[] {
  const levels = new Map<number, string[][]>()
  for (const lane of lanes) {
    let at = Infinity
    let turn = 0
    for (const { start: { id }, level } of inOrder(lane)) {
      turn = level < at ? 0 : turn + 1
      at = Math.min(at, level)
      const turns = levels.get(at) ?? []
      levels.set(at, turns)
      const ids = turns[turn]
      if (ids === undefined) turns.push([id])
      else ids.push(id)
    }
  }
  return [...levels].sort(([a], [b]) => b - a).flatMap(([, turns]) => turns.flat())
}
