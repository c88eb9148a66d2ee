// Keeps the calls for one job apart: start, observe, control and forget never overlap for the same id.

export type JobLock = <T>(id: string, work: () => Promise<T>) => Promise<T>

export function createJobLock (): JobLock {
  const tails = new Map<string, Promise<unknown>>()
  return async (id, work) => {
    const before = tails.get(id)
    const turn = (async () => {
      await before?.catch(() => {})
      return await work()
    })()
    tails.set(id, turn)
    try {
      return await turn
    } finally {
      if (tails.get(id) === turn) tails.delete(id)
    }
  }
}
