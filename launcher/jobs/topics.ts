// Lets any number of readers wait for the next value of a topic. Nothing is stored for readers that are not waiting.

export interface Topics<T> {
  /** Wakes every reader that is waiting for the topic now. */
  publish (topic: string, value: T): void
  /** Resolves with the next value of the topic, or with undefined when the signal aborts. */
  next (topic: string, signal: AbortSignal): Promise<T | undefined>
}

export function createTopics<T> (): Topics<T> {
  const topics = new Map<string, Set<(value?: T) => void>>()

  function waitingFor (topic: string): Set<(value?: T) => void> {
    const waiting = topics.get(topic) ?? new Set()
    topics.set(topic, waiting)
    return waiting
  }

  return {
    publish (topic, value) {
      for (const wake of topics.get(topic) ?? []) wake(value)
    },
    next (topic, signal) {
      return new Promise(resolve => {
        if (signal.aborted) return resolve(undefined)
        const waiting = waitingFor(topic)
        const abort = (): void => { wake() }
        const wake = (value?: T): void => {
          signal.removeEventListener('abort', abort)
          waiting.delete(wake)
          if (waiting.size === 0) topics.delete(topic)
          resolve(value)
        }
        waiting.add(wake)
        signal.addEventListener('abort', abort, { once: true })
      })
    }
  }
}
