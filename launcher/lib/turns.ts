// Lets those who have much to do go one after the other, a few in each turn of the event loop, so that others have theirs.

import { setImmediate } from 'node:timers/promises'

/**
 * The function that it makes resolves for its callers in the order of their calls: at once, until in this turn of the
 * event loop the time of `ms` milliseconds is over, and then in later turns, for one caller at least in each.
 */
export function createTurns (ms: number): () => Promise<void> {
  let last = Promise.resolve()
  let until: number | undefined

  function begin (): void {
    until = performance.now() + ms
    setImmediate().then(() => { until = undefined }, () => {})
  }

  const isOver = (): boolean => until !== undefined && performance.now() >= until

  async function mine (): Promise<void> {
    while (isOver()) await setImmediate()
    if (until === undefined) begin()
  }

  return () => {
    last = last.then(mine)
    return last
  }
}
