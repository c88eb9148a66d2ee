// Looks at the sizes of the process logs of running jobs that have a limit on their output.

import { bytesOf } from '../../../launcher/plugin-kit/output-limit.ts'
import type { LogSizes } from './log-folder.ts'

export interface LimitedLogs {
  /** Sets the limit of a job in MB; undefined for none. */
  set (id: string, limitMb: number | undefined): void
  close (): void
}

interface LimitedLogsOptions {
  readonly sizesOf: (id: string) => Promise<Partial<LogSizes>>
  /** Called once for a job. */
  readonly onOverLimit: (id: string) => void
  readonly everyMs?: number
}

/** A program writes some hundred MB in this time at most, as on this machine. */
const EVERY_MS = 1000
/** No program writes faster, so a job that is far below its limit is looked at less often. */
const BYTES_PER_SECOND = 1e9

interface Limited {
  readonly limitMb: number
  /** When to look at it next, by performance.now(). */
  readonly dueAt: number
}

/** The jobs are looked at one after the other, so a slow file system is not asked faster than it answers. */
export function createLimitedLogs ({ sizesOf, onOverLimit, everyMs = EVERY_MS }: LimitedLogsOptions): LimitedLogs {
  const limits = new Map<string, Limited>()
  let timer: NodeJS.Timeout | undefined

  async function look (): Promise<void> {
    for (const [id, { limitMb, dueAt }] of [...limits]) {
      if (performance.now() < dueAt) continue
      const { stdout = 0, stderr = 0 } = await sizesOf(id).catch(() => ({ stdout: 0, stderr: 0 }))
      const left = bytesOf(limitMb) - stdout - stderr
      // Its limit may have been taken away meanwhile.
      if (limits.get(id)?.limitMb !== limitMb) continue
      if (left >= 0) limits.set(id, { limitMb, dueAt: performance.now() + left / BYTES_PER_SECOND * 1000 })
      else if (limits.delete(id)) onOverLimit(id)
    }
    timer = undefined
    schedule()
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
