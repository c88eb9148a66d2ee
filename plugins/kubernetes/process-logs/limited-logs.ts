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

/** The jobs are looked at one after the other, so a slow file system is not asked faster than it answers. */
export function createLimitedLogs ({ sizesOf, onOverLimit, everyMs = EVERY_MS }: LimitedLogsOptions): LimitedLogs {
  const limits = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  async function look (): Promise<void> {
    for (const [id, limitMb] of [...limits]) {
      const { stdout = 0, stderr = 0 } = await sizesOf(id).catch(() => ({ stdout: 0, stderr: 0 }))
      if (stdout + stderr <= bytesOf(limitMb) || !limits.delete(id)) continue
      onOverLimit(id)
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
      else limits.set(id, limitMb)
      schedule()
    },
    close () {
      limits.clear()
      clearTimeout(timer)
    }
  }
}
