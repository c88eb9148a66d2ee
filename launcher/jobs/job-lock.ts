// Serializes the calls for one job: start, observe, control and forget never overlap for the same id.

export type JobLock = <T>(id: string, work: () => Promise<T>) => Promise<T>

export function createJobLock (): JobLock {
  const tails = new Map<string, Promise<unknown>>()
  return async (id, work) => {
    const before = tails.get(id)
    const current = (async () => {
      await before?.catch(() => {})
      return await work()
    })()
    tails.set(id, current)
    try {
      return await current
    } finally {
      if (tails.get(id) === current) tails.delete(id)
    }
  }
}
