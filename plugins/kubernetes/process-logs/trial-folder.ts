// The folder that doctor creates for its small job. A doctor that was killed leaves it.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { HOUR_MS } from '../../../launcher/lib/duration.ts'
import type { LogFiles } from './log-files.ts'

const RANDOM_BYTES = 16
const NAME = /^\.doctor-[0-9a-f]{32}$/
/** No check takes this long, and no clock of a file server should be this late. */
const OLD_MS = HOUR_MS

/** `parent`: the folder of all process logs, relative to the data. */
export function trialFolder (parent: string): string {
  return join(parent, `.doctor-${randomBytes(RANDOM_BYTES).toString('hex')}`)
}

/** Removes folders that earlier checks left. `nowMs` is the time of this machine. */
export async function removeOldTrials (
  files: Pick<LogFiles, 'list' | 'changedMs' | 'remove'>, parent: string, nowMs: number
): Promise<void> {
  for (const name of (await files.list(parent)).filter(name => NAME.test(name))) {
    const folder = join(parent, name)
    if (nowMs - (await files.changedMs(folder) ?? nowMs) > OLD_MS) await files.remove(folder)
  }
}
