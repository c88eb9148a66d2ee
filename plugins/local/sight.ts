// Looks at one job: its state file, and whether the supervisor that wrote it is alive.

import { hasExited, readProcessStat } from '../../launcher/lib/process-stat.ts'
import { readState } from './job-folder.ts'
import { parseState, type StartedSupervisor } from './supervisor-state.ts'
import type { Sight } from './verdict.ts'

/** Undefined when nobody has claimed the right to run the job. */
export function lookAt (folder: string, bootId: string): Sight | undefined {
  const before = readState(folder)
  if (before === undefined) return undefined
  const started = parseState(before.text)?.started
  const sameBoot = started === undefined || started.bootId === bootId
  const supervisor = started === undefined || !sameBoot ? 'gone' : supervisorNow(started)
  // It may have written its last line and ended between the two looks.
  const { text, writtenAt } = supervisor === 'gone' ? readState(folder) ?? before : before
  return { state: parseState(text), writtenAt, supervisor, sameBoot }
}

function supervisorNow ({ pid, startTicks }: StartedSupervisor): Sight['supervisor'] {
  const stat = readProcessStat(pid)
  if (stat === undefined || stat.startTicks !== startTicks || hasExited(stat)) return 'gone'
  return stat.state === 'T' || stat.state === 't' ? 'suspended' : 'running'
}
