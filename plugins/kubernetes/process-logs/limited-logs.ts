// Looks at the sizes of the process logs of running jobs that have a limit on their output.

import { bytesOf } from '../../../launcher/plugin-kit/output-limit.ts'

export interface LimitedLogs {
  /** Sets the limit of a job in MB; undefined for none. */
  set (id: string, limitMb: number | undefined): void
  close (): void
}

interface LimitedLogsOptions {
  /** Resolves with the bytes that each job has written, and 0 where that is unknown. */
  readonly writtenBytes: (ids: readonly string[]) => Promise<readonly number[]>
  /** Called once for a job. */
  readonly onOverLimit: (id: string) => void
  readonly everyMs?: number
}

/** A program writes some hundred MB in this time at most, as on this machine. */
const EVERY_MS = 1000
/** No program writes faster, so a job that is far below its limit is looked at less often. */
const BYTES_PER_SECOND = 1e9
/** Looked at in one call. A slow network file system answers for so many in time for the other calls. */
const JOBS_A_CALL = 50

interface Limited {
  readonly limitMb: number
  /** When to look at it next, by performance.now(). */
  readonly dueAt: number
}

/** One call follows the other, so a slow file system is not asked faster than it answers. */
export function createLimitedLogs (
  { writtenBytes, onOverLimit, everyMs = EVERY_MS }: LimitedLogsOptions
): LimitedLogs {
  const limits = new Map<string, Limited>()
  let timer: NodeJS.Timeout | undefined

  async function look (): Promise<void> {
    const now = performance.now()
    const due = [...limits].filter(([, { dueAt }]) => dueAt <= now)
    for (let from = 0; from < due.length && limits.size > 0; from += JOBS_A_CALL) {
      await lookAt(due.slice(from, from + JOBS_A_CALL))
    }
    timer = undefined
    schedule()
  }

  async function lookAt (due: ReadonlyArray<readonly [string, Limited]>): Promise<void> {
    const written = await writtenBytes(due.map(([id]) => id)).catch((): number[] => [])
    for (const [index, [id, { limitMb }]] of due.entries()) {
      const left = bytesOf(limitMb) - (written[index] ?? 0)
      // Its limit may have been taken away meanwhile.
      if (limits.get(id)?.limitMb !== limitMb) continue
      if (left >= 0) limits.set(id, { limitMb, dueAt: performance.now() + left / BYTES_PER_SECOND * 1000 })
      else if (limits.delete(id)) onOverLimit(id)
    }
  }

  function schedule (): void {
    if (limits.size === 0 || timer !== undefined) return
    timer = setTimeout(look, everyMs).unref()
  }

  return {
    set (id, limitMb) {
      if (limitMb === undefined) limits.delete(id)
      else if (limits.get(id)?.limitMb !== limitMb) limits.set(id, { limitMb, dueAt: 0 })
      schedule()
    },
    close () {
      limits.clear()
      clearTimeout(timer)
    }
  }
}
