// Starts launchers whose clock a test can set.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './launcher-process.ts'

/**
 * `set` sets how many milliseconds the clock is ahead of the machine's, at first `aheadMs`; `options` are for `start`.
 */
export function clockOf ({ folder }: Place, aheadMs = 0) {
  const file = join(folder, 'clock')
  const set = (ms: number): void => writeFileSync(file, String(ms))
  set(aheadMs)
  return {
    set,
    options: { preload: fileURLToPath(new URL('jumping-clock.ts', import.meta.url)), env: { CLOCK_FILE: file } }
  }
}
