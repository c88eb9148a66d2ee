// The order in which p-queue takes waiting starts: one from each user in turn, each user's own in the order they came.

import type { Queue, QueueAddOptions } from 'p-queue'

type Run = () => Promise<unknown>

/** What `add` is given beside the function. */
export type FairOptions = QueueAddOptions & { user?: string }

/** A class because p-queue makes its queue with `new`. */
export class FairQueue implements Queue<Run, FairOptions> {
  /** Users in the order of their turns: the first is next, and goes to the end after it. */
  #turns = new Map<string, Run[]>()
  size = 0

  enqueue (run: Run, options?: Partial<FairOptions>): void {
    const user = options?.user ?? ''
    const runs = this.#turns.get(user)
    if (runs === undefined) this.#turns.set(user, [run])
    else runs.push(run)
    this.size++
  }

  dequeue (): Run | undefined {
    const [next] = this.#turns
    if (next === undefined) return undefined
    const [user, runs] = next
    const run = runs.shift()
    this.#turns.delete(user)
    if (runs.length > 0) this.#turns.set(user, runs)
    this.size--
    return run
  }

  filter (options: Readonly<Partial<FairOptions>>): Run[] {
    return this.#turns.get(options.user ?? '') ?? []
  }

  // Starts have no priority and are never taken out by id: a canceled job is skipped when its turn comes.
  setPriority (): void {}
  remove (): void {}
}
