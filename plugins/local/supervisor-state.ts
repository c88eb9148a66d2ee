// Reads the file `state` of a job, which supervise.sh writes. Pure.

import { parseProcessStat } from '../../launcher/lib/process-stat.ts'
import type { Reason } from '../../launcher/plugin.ts'

/** What the supervisor has told. */
export interface SupervisorState {
  /** Undefined when the right to run was taken by a cancel, or nothing readable was written yet. */
  readonly started?: StartedSupervisor
  /** Why the program could not be run, or was not. */
  readonly failed?: Reason
  readonly exitCode?: number
  /** The shell told that a signal ended the program, which no exit code of its own can do. */
  readonly signaled: boolean
  /** Processes that the kernel killed because of the memory limit. */
  readonly oomKills: number
}

export interface StartedSupervisor {
  readonly bootId: string
  /** Milliseconds since 1970. */
  readonly startTime: number
  readonly pid: number
  readonly startTicks: number
}

/** What a cancel writes that was there before any supervisor. */
export const CANCELED_STATE = 'failed CanceledOnRequest\n'

/** Undefined when the first line is not whole: whoever took the right to run may still be about to write it. */
export function parseState (text: string): SupervisorState | undefined {
  const lines = text.split('\n').slice(0, -1)
  const [first, ...rest] = lines
  if (first === undefined) return undefined
  const started = startedOf(first)
  if (started === undefined && !first.startsWith('failed ')) return undefined
  let state: SupervisorState = { ...(started !== undefined && { started }), signaled: false, oomKills: 0 }
  for (const line of started === undefined ? lines : rest) state = withLine(state, line)
  return state
}

function startedOf (line: string): StartedSupervisor | undefined {
  const match = /^started (\S+) (\d+) (.+)$/.exec(line)
  const stat = match === null ? undefined : parseProcessStat(match[3]!)
  return stat === undefined
    ? undefined
    : { bootId: match![1]!, startTime: Number(match![2]), pid: stat.pid, startTicks: stat.startTicks }
}

function withLine (state: SupervisorState, line: string): SupervisorState {
  const [, word, value] = /^(failed|exit|oom) (\w+)$/.exec(line) ?? []
  switch (word) {
    case 'failed': return { ...state, failed: value as Reason }
    case 'exit': return { ...state, exitCode: Number(value) }
    case 'oom': return { ...state, oomKills: Number(value) }
    default: return line === '' ? state : { ...state, signaled: true }
  }
}
