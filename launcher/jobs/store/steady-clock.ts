// Counts the time that has passed for a database. No change of the machine's clock affects the count, and it never runs
// ahead of real time: what cannot be measured, such as the time that the machine was off, is not counted.

import { bootTime, type BootTime } from '../../lib/boot-time.ts'
import type { Database } from './database.ts'

export interface SteadyClock {
  /** Milliseconds. A restart of the launcher does not lose any, one of the machine ten minutes at most. */
  now (): number
  /** Stores the count, if that was long ago: what was not stored is lost when the machine is restarted. */
  save (): Promise<void>
}

/** How often the count is stored. */
const SAVE_EVERY_MS = 600_000

export function createSteadyClock (
  { sqlite, write }: Pick<Database, 'sqlite' | 'write'>,
  readBootTime: () => BootTime = bootTime
): SteadyClock {
  const update = sqlite.prepare('INSERT OR REPLACE INTO steady_clock (id, count_ms, boot, boot_ms) VALUES (1, ?, ?, ?)')
  const saved = sqlite.prepare('SELECT count_ms, boot, boot_ms FROM steady_clock').get() as
    { count_ms: number, boot: string, boot_ms: number } | undefined
  let last = readBootTime()
  let count = (saved?.count_ms ?? 0) + (saved?.boot === last.boot ? Math.max(0, last.ms - saved.boot_ms) : 0)
  let savedAt = saved?.boot === last.boot ? saved.count_ms : store()

  function store (): number {
    try {
      update.run(count, last.boot, last.ms)
      return count
    } catch {
      // On a full disk; `save` tries it again.
      return -Infinity
    }
  }

  function now (): number {
    const present = readBootTime()
    count += Math.max(0, present.ms - last.ms)
    last = present
    return count
  }

  return {
    now,
    async save () {
      const present = now()
      if (present - savedAt < SAVE_EVERY_MS) return
      await write(() => { update.run(present, last.boot, last.ms) })
      savedAt = present
    }
  }
}
