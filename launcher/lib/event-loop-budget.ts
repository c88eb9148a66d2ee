// Spreads the work of many callers over event-loop iterations, to keep the event loop responsive.

import { setImmediate } from 'node:timers/promises'

/** The budget of one event-loop iteration. */
export interface Budget {
  /** Milliseconds after which no further caller proceeds. */
  readonly ms?: number
  /** Maximum number of callers. */
  readonly callers?: number
}

/**
 * Returns a function that resolves in call order: at once while this event-loop iteration has budget left, otherwise in
 * a later one (at least one caller per iteration). Limit the time if callers do their work synchronously. Limit the
 * number of callers if the work happens later, as with stream writes.
 */
export function createEventLoopBudget ({ ms = Infinity, callers = Infinity }: Budget): () => Promise<void> {
  let last = Promise.resolve()
  let deadline: number | undefined
  let resolved = 0

  function begin (): void {
    deadline = performance.now() + ms
    setImmediate().then(() => {
      deadline = undefined
      resolved = 0
    }, () => {})
  }

  const isUsedUp = (): boolean =>
    deadline !== undefined && (resolved >= callers || performance.now() >= deadline)

  async function waitForBudget (): Promise<void> {
    while (isUsedUp()) await setImmediate()
    if (deadline === undefined) begin()
    resolved += 1
  }

  return () => {
    last = last.then(waitForBudget)
    return last
  }
}
