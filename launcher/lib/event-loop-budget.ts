// Lets those who have much to do go one after the other, a few in each turn of the event loop, so that others have
// theirs.

import { setImmediate } from 'node:timers/promises'

/**
 * What one turn of the event loop has room for: callers until so many milliseconds are over, and no more than so many.
 */
export interface Budget {
  readonly ms?: number
  readonly callers?: number
}

/**
 * The function that it makes resolves for its callers in the order of their calls: at once while this turn of the event
 * loop has room, and then in later turns, for one caller at least in each. The time is of use where callers work before
 * they wait for anything; where the work is done for them later, such as a write of a stream, they are counted.
 */
export function createEventLoopBudget ({ ms = Infinity, callers = Infinity }: Budget): () => Promise<void> {
  let last = Promise.resolve()
  let until: number | undefined
  let passed = 0

  function begin (): void {
    until = performance.now() + ms
    setImmediate().then(() => {
      until = undefined
      passed = 0
    }, () => {})
  }

  const isFull = (): boolean => until !== undefined && (passed >= callers || performance.now() >= until)

  async function mine (): Promise<void> {
    while (isFull()) await setImmediate()
    if (until === undefined) begin()
    passed += 1
  }

  return () => {
    last = last.then(mine)
    return last
  }
}
