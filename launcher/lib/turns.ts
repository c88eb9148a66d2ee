// Lets those who have much to do go one after the other, each in a turn of the event loop of its own.

import { setImmediate } from 'node:timers/promises'

/** The function that it makes resolves for one caller in each turn of the event loop, in the order of the calls. */
export function createTurns (): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => setImmediate())
    return last
  }
}
