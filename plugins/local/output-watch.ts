// Checks the output of running jobs repeatedly: the further a job is from its limit, the less often.

export interface OutputWatch {
  /** Reports the job once `written` returns more than `limit` bytes. A repeated call changes nothing. */
  watch (id: string, limit: number, written: () => number): void
  forget (id: string): void
  close (): void
}

interface Watched {
  readonly limit: number
  readonly written: () => number
  dueAt: number
}

const MIN_MS = 100
const MAX_MS = 5000
/** Bytes that no program writes faster than in a millisecond: 2 GB in a second. */
const FASTEST = 2_000_000

/** `report` is called with the id of a job that has exceeded its limit, again and again until it is forgotten. */
export function createOutputWatch (
  report: (id: string) => void,
  random: () => number = Math.random
): OutputWatch {
  const jobs = new Map<string, Watched>()
  let timer: NodeJS.Timeout | undefined
  let timerAt = Infinity

  function checkDue (): void {
    timer = undefined
    timerAt = Infinity
    const now = performance.now()
    for (const [id, job] of jobs) {
      if (job.dueAt > now) continue
      const left = job.limit - job.written()
      job.dueAt = now + pauseMs(left)
      if (left < 0) report(id)
    }
    for (const { dueAt } of jobs.values()) schedule(dueAt)
  }

  function schedule (at: number): void {
    if (at >= timerAt) return
    clearTimeout(timer)
    timerAt = at
    timer = setTimeout(checkDue, Math.max(0, at - performance.now())).unref()
  }

  return {
    watch (id, limit, written) {
      if (jobs.has(id)) return
      // Jobs that start together are not checked at the same time.
      const dueAt = performance.now() + pauseMs(limit) * (1 + random()) / 2
      jobs.set(id, { limit, written, dueAt })
      schedule(dueAt)
    },
    forget (id) { jobs.delete(id) },
    close () {
      clearTimeout(timer)
      jobs.clear()
    }
  }
}

function pauseMs (bytesLeft: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, bytesLeft / FASTEST))
}
