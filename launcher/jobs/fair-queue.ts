// The order in which p-queue takes waiting starts: round-robin between users, first in first out for each user.

import type { Queue, QueueAddOptions } from 'p-queue'

type Run = () => Promise<unknown>

/** Options of `add`. */
export type FairOptions = QueueAddOptions & { user?: string }

/** A class because p-queue creates its queue with `new`. */
export class FairQueue implements Queue<Run, FairOptions> {
  /** The first user is served next and then moves to the end. */
  #byUser = new Map<string, Run[]>()
  size = 0

  enqueue (run: Run, options?: Partial<FairOptions>): void {
    const user = options?.user ?? ''
    const runs = this.#byUser.get(user)
    if (runs === undefined) this.#byUser.set(user, [run])
    else runs.push(run)
    this.size++
  }

  dequeue (): Run | undefined {
    const [next] = this.#byUser
    if (next === undefined) return undefined
    const [user, runs] = next
    const run = runs.shift()
    this.#byUser.delete(user)
    if (runs.length > 0) this.#byUser.set(user, runs)
    this.size--
    return run
  }

  filter (options: Readonly<Partial<FairOptions>>): Run[] {
    return this.#byUser.get(options.user ?? '') ?? []
  }

  // Starts have no priority and are never removed by id: a canceled job is skipped when it is dequeued.
  setPriority (): void {}
  remove (): void {}
}
