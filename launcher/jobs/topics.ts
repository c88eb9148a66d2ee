// Lets any number of readers wait for the next piece of news on a topic, without keeping anything for those who do not.

export interface NewsChannel<T> {
  /** Wakes everyone who waits for the topic now. */
  tell (topic: string, news: T): void
  /** Resolves with the next news on the topic, or with undefined when the signal aborts. */
  next (topic: string, signal: AbortSignal): Promise<T | undefined>
}

export function newsChannel<T> (): NewsChannel<T> {
  const topics = new Map<string, Set<(news?: T) => void>>()

  function waitingFor (topic: string): Set<(news?: T) => void> {
    const waiting = topics.get(topic) ?? new Set()
    topics.set(topic, waiting)
    return waiting
  }

  return {
    tell (topic, news) {
      for (const wake of topics.get(topic) ?? []) wake(news)
    },
    next (topic, signal) {
      return new Promise(resolve => {
        if (signal.aborted) return resolve(undefined)
        const waiting = waitingFor(topic)
        const abort = (): void => { wake() }
        const wake = (news?: T): void => {
          signal.removeEventListener('abort', abort)
          waiting.delete(wake)
          if (waiting.size === 0) topics.delete(topic)
          resolve(news)
        }
        waiting.add(wake)
        signal.addEventListener('abort', abort, { once: true })
      })
    }
  }
}
