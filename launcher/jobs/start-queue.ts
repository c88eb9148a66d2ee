// The starts of a cluster: those under way, at most `concurrency`, and those that wait for their turn or for a slot.

import { sharedPriority } from '../model/priority.ts'
import type { StartRules, Subject } from '../plugin.ts'
import { createSlots, type Slots } from './slots.ts'
import { createStartOrder, type Place, type QueuedStart } from './start-order.ts'

export interface WaitingStart extends QueuedStart, Subject {
  /** Calls `begun`, then starts the job. The queue goes on when it settles, however it does. */
  readonly run: (begun: () => void) => Promise<unknown>
}

/** What a job waits for that waits for a slot. */
export interface SlotWait extends Place {
  readonly bound: 'cluster' | 'user'
  readonly max: number
  readonly running: number
}

export interface StartQueue {
  /** Most starts under way. */
  concurrency: number
  /** Number of waiting starts. */
  readonly size: number
  /** Number of starts under way. */
  readonly pending: number
  add (start: WaitingStart): void
  /** The job waits or is about to start: its start has not begun. */
  has (id: string): boolean
  /** The job has ended: it waits no more and its slot is free. */
  ended (id: string): void
  /** The job runs or may run. */
  takeSlot: Slots['take']
  /** The job does not run. */
  freeSlot (id: string): void
  /** The jobs of earlier launchers have their slots. Before this, no job starts on a cluster with a bound. */
  open (): void
  /** The rules may be others now. */
  rulesChanged (): void
  /** How many more jobs of the user would find a slot now. */
  roomFor (subject: Subject): number
  /** Returns undefined if the job does not wait for a slot. */
  waitOf (id: string): SlotWait | undefined
}

/** At most this part of the time is spent on the places of waiting jobs, so that they may be a little old. */
const PLACES_SHARE = 0.05

export function createStartQueue (
  concurrency: number,
  rulesOf: (subject: Subject) => StartRules,
  now: () => number = () => performance.now()
): StartQueue {
  const order = createStartOrder<WaitingStart>(start =>
    sharedPriority(start.priority, rulesOf(start).maxPriority?.value))
  const slots = createSlots()
  /** Ids of jobs whose turn has come and whose start has not begun. */
  const due = new Set<string>()
  let pending = 0
  let isOpen = false
  let isPumping = false
  let changes = 0
  let seen: { places: ReadonlyMap<string, Place>, changes: number, validUntil: number } | undefined

  /** The bound that keeps the jobs of a user from starting now. */
  function boundOf (
    user: string, { maxRunningJobs, maxRunningJobsOfUser }: StartRules
  ): SlotWait['bound'] | undefined {
    if (maxRunningJobsOfUser !== undefined && slots.takenBy(user) >= maxRunningJobsOfUser.value) return 'user'
    return maxRunningJobs !== undefined && slots.taken >= maxRunningJobs.value ? 'cluster' : undefined
  }

  function mustWaitToOpen ({ maxRunningJobs, maxRunningJobsOfUser }: StartRules): boolean {
    return !isOpen && (maxRunningJobs !== undefined || maxRunningJobsOfUser !== undefined)
  }

  function pump (): void {
    if (isPumping) return
    isPumping = true
    while (pending < queue.concurrency) {
      const first = order.first()
      if (first === undefined) break
      const rules = rulesOf(first)
      const bound = boundOf(first.user, rules)
      if (bound === 'cluster' || mustWaitToOpen(rules)) break
      if (bound === 'user') order.block(first.user)
      else begin(first)
    }
    isPumping = false
  }

  function begin (start: WaitingStart): void {
    const { id, user } = start
    order.remove(id)
    slots.take(id, user)
    due.add(id)
    pending++
    changes++
    start.run(() => due.delete(id)).catch(() => {}).finally(() => {
      pending--
      pump()
    })
  }

  function freeSlot (id: string): void {
    const user = slots.free(id)
    if (user === undefined) return
    changes++
    order.unblock(user)
    pump()
  }

  function places (): ReadonlyMap<string, Place> {
    const begun = now()
    if (seen !== undefined && (seen.changes === changes || begun < seen.validUntil)) return seen.places
    const places = order.places(first => boundOf(first.user, rulesOf(first)) === 'user')
    const ended = now()
    seen = { places, changes, validUntil: ended + (ended - begun) / PLACES_SHARE }
    return places
  }

  const queue: StartQueue = {
    get concurrency () { return concurrency },
    set concurrency (next) {
      concurrency = next
      pump()
    },
    get size () { return order.size },
    get pending () { return pending },
    add (start) {
      changes++
      order.add(start)
      pump()
    },
    has: id => due.has(id) || order.get(id) !== undefined,
    ended (id) {
      if (order.remove(id) !== undefined) changes++
      freeSlot(id)
    },
    takeSlot: slots.take,
    freeSlot,
    open () {
      isOpen = true
      pump()
    },
    rulesChanged () {
      changes++
      order.refresh()
      pump()
    },
    roomFor (subject) {
      const { maxRunningJobs: all, maxRunningJobsOfUser: own } = rulesOf(subject)
      const { user } = subject
      return Math.min(
        all === undefined ? Infinity : all.value - slots.taken - order.unblockedSize,
        own === undefined ? Infinity : own.value - slots.takenBy(user) - order.sizeOf(user)
      )
    },
    waitOf (id) {
      const start = order.get(id)
      if (start === undefined) return undefined
      const { user } = start
      const { maxRunningJobs: all, maxRunningJobsOfUser: own } = rulesOf(start)
      const place = places().get(id) ?? { position: order.size, of: order.size }
      if (own !== undefined && slots.takenBy(user) >= own.value) {
        return { ...place, bound: 'user', max: own.value, running: slots.knownOf(user) }
      }
      if (all === undefined || place.position <= all.value - slots.taken) return undefined
      return { ...place, bound: 'cluster', max: all.value, running: slots.known }
    }
  }
  return queue
}
