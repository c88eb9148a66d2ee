// Reads the files `state`, which supervise.sh writes, and `report`, which the job's user writes. Pure.

import { parseProcessStat } from '../../launcher/lib/process-stat.ts'
import type { Reason } from '../../launcher/plugin.ts'
import { WITHOUT_HOME } from './launch-script.ts'
import { NOT_RUN, NOT_EXECUTED, NOT_EXECUTED_CODES } from './not-executed.ts'

/** What the supervisor has reported. */
export interface SupervisorState {
  /** Undefined if a cancel claimed the job. */
  readonly started?: StartedSupervisor
  /** Why the program was not run. */
  readonly failed?: Reason
  /** The first line of a script whose interpreter is missing. Empty after any other failure to execute the program. */
  readonly firstLine?: string
  /**
   * Whether the launch script executed the program. Otherwise an exit code is not the program's. Undefined if the
   * report was removed.
   */
  readonly executed?: boolean
  /** The program began in / because the job's user could not enter the home folder. */
  readonly withoutHome?: true
  readonly exitCode?: number
  /** Whether the shell reported that a signal ended the program. An exit code alone does not prove it. */
  readonly signaled: boolean
  /** Processes that the kernel killed because of the memory limit. */
  readonly oomKills: number
  /** The most memory that the control group of the job has had. */
  readonly peakMemoryBytes?: number
  /** CPU time of the program, and of all its descendants that a parent waited for. */
  readonly cpuSeconds?: number
}

export interface StartedSupervisor {
  readonly bootId: string
  /** Milliseconds since 1970. */
  readonly startTime: number
  readonly pid: number
  readonly startTicks: number
}

/** The state that a cancel writes if no supervisor has claimed the job. */
export const CANCELED_STATE = 'failed CanceledOnRequest\n'

/** Reasons that count in a report. The job's user can write anything into it, so all others are ignored. */
const REPORTED: readonly Reason[] = [
  'ExecutableNotFound', 'WorkingDirectoryNotFound', 'OutputFileNotWritable', 'StartFailed'
]

/**
 * Returns undefined if the first line is not complete: the supervisor may be about to write it. Of the report only the
 * result of the start counts. No process is taken from it.
 */
export function parseState (text: string, report: string | undefined): SupervisorState | undefined {
  const lines = text.split('\n').slice(0, -1)
  const [begin, ...rest] = lines
  if (begin === undefined) return undefined
  const started = startedOf(begin)
  if (started === undefined && !begin.startsWith('failed ')) return undefined
  const [first = '', ...later] = report?.trimStart().split('\n') ?? []
  const withoutHome = first.endsWith(WITHOUT_HOME)
  const reported = withoutHome ? first.slice(0, -WITHOUT_HOME.length) : first
  const failed = REPORTED.find(reason => reported === `failed ${reason}`)
  const last = later.findLast(line => line !== '') ?? ''
  const isRun = reported === 'run' && last !== NOT_RUN
  const cpuSeconds = cpuSecondsOf(lines)
  let state: SupervisorState = {
    ...(started !== undefined && { started }),
    ...(failed !== undefined && { failed }),
    ...(report !== undefined && { executed: isRun }),
    ...(withoutHome && { withoutHome }),
    signaled: false,
    oomKills: 0,
    ...(cpuSeconds !== undefined && { cpuSeconds })
  }
  for (const line of started === undefined ? lines : rest) state = withLine(state, line)
  return isRun && NOT_EXECUTED_CODES.includes(state.exitCode!) ? withFailure(state, last) : state
}

/** The program itself cannot write the report, and ends with any exit code. */
function withFailure (state: SupervisorState, line: string): SupervisorState {
  const [, reason, firstLine = ''] = /^failed (\w+)(?: ([^]*))?$/.exec(line) ?? []
  const failed = NOT_EXECUTED.find(each => each === reason)
  return failed === undefined ? state : { ...state, executed: false, failed, firstLine }
}

function startedOf (line: string): StartedSupervisor | undefined {
  const match = /^started (\S+) (\d+) (.+)$/.exec(line)
  const stat = match === null ? undefined : parseProcessStat(match[3]!)
  return stat === undefined
    ? undefined
    : { bootId: match![1]!, startTime: Number(match![2]), pid: stat.pid, startTicks: stat.startTicks }
}

/** Minutes and seconds of user and of system time. Some shells write the decimal comma of a locale. */
const TIMES = /^(\d+)m(\d+(?:[.,]\d+)?)s (\d+)m(\d+(?:[.,]\d+)?)s$/

/** The second of two lines is that of the children. */
function cpuSecondsOf (lines: readonly string[]): number | undefined {
  const [, ofChildren, ...more] = lines.flatMap(line => {
    const match = TIMES.exec(line)
    return match === null ? [] : [match.slice(1).map(text => Number(text.replace(',', '.')))]
  })
  if (ofChildren === undefined || more.length > 0) return undefined
  const [userMinutes, user, systemMinutes, system] = ofChildren as [number, number, number, number]
  return 60 * (userMinutes + systemMinutes) + user + system
}

function withLine (state: SupervisorState, line: string): SupervisorState {
  const [, word, value] = /^(failed|exit|oom|peak) (\w+)$/.exec(line) ?? []
  switch (word) {
    case 'failed': return { ...state, failed: value as Reason }
    case 'exit': return { ...state, exitCode: Number(value) }
    case 'oom': return { ...state, oomKills: Number(value) }
    case 'peak': return { ...state, peakMemoryBytes: Number(value) }
    default: return line === '' || TIMES.test(line) ? state : { ...state, signaled: true }
  }
}
