// The leases of jobs whose host may be gone for good: a job that no request names for its lease is ended.

import type { Logger } from 'pino'
import type { Job } from '../model/job.ts'

export interface Leases {
  /** Begins the lease of a job, if it has one that has not begun. */
  begin (job: Pick<Job, 'id' | 'submission'>): void
  /** A request names the job. Its lease does not run out until the returned function is called, then begins anew. */
  hold (id: string): () => void
  close (): void
}

interface Lease {
  readonly ms: number
  holders: number
  /** When it began last, by performance.now(). */
  begunAt: number
}

interface LeasesOptions {
  /** Requests the end of the job. A rejection is logged, and the call repeated. */
  readonly expire: (id: string) => Promise<void>
  readonly log: Logger
  readonly everyMs?: number
}

const EVERY_MS = 1000

export function createLeases ({ expire, log, everyMs = EVERY_MS }: LeasesOptions): Leases {
  const leases = new Map<string, Lease>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function round (dueAt: number): Promise<void> {
    const now = performance.now()
    // Requests could not be answered while the launcher stood still.
    const lateMs = Math.max(0, now - dueAt - everyMs)
    for (const [id, lease] of [...leases]) {
      lease.begunAt += lateMs
      if (lease.holders > 0 || now - lease.begunAt < lease.ms) continue
      try {
        await expire(id)
        leases.delete(id)
      } catch (error) {
        log.child({ job: id }).warn({ err: error }, 'ending a job whose lease expired failed, will retry')
      }
    }
    timer = undefined
    schedule()
  }

  function schedule (): void {
    if (closed || leases.size === 0 || timer !== undefined) return
    const dueAt = performance.now() + everyMs
    timer = setTimeout(round, everyMs, dueAt).unref()
  }

  return {
    begin ({ id, submission: { leaseSeconds } }) {
      if (leaseSeconds === undefined || leases.has(id)) return
      leases.set(id, { ms: leaseSeconds * 1000, holders: 0, begunAt: performance.now() })
      schedule()
    },
    hold (id) {
      const lease = leases.get(id)
      if (lease === undefined) return () => {}
      lease.holders++
      let isHeld = true
      return () => {
        if (isHeld) lease.holders--
        isHeld = false
        lease.begunAt = performance.now()
      }
    },
    close () {
      closed = true
      clearTimeout(timer)
    }
  }
}
