// Decides from a job's state file and its supervisor how the job stands or ended. Pure.

import { constants } from 'node:os'
import {
  canceled,
  childOutOfMemory,
  exited,
  killedOnRequest,
  outputLimitExceeded,
  signalName,
  SIGKILL_EXIT_CODE,
  stopGraceExceeded,
  stoppedOnRequest
} from '../../launcher/plugin-kit/outcomes.ts'
import { outputLimitOf } from '../../launcher/plugin-kit/output-limit.ts'
import { timeoutOf } from '../../launcher/plugin-kit/timeout.ts'
import { REASONS, stopGraceMs, type Job, type Outcome, type Reason } from '../../launcher/plugin.ts'
import type { BootRelation } from './boot-id.ts'
import { failedStart, notExecuted, reportRemoved } from './failed-start.ts'
import { requestedEnd } from './requested-end.ts'
import type { StartedSupervisor, SupervisorState } from './supervisor-state.ts'

/** What was read of a claimed job. */
export interface SupervisorReading {
  /** Undefined if the file has no complete first line yet. */
  readonly state: SupervisorState | undefined
  /** When the file was last written; milliseconds since 1970. */
  readonly writtenAt: number
  readonly supervisor: 'running' | 'suspended' | 'gone'
  /** How the boot in which the supervisor was spawned relates to this one. */
  readonly boot: BootRelation
  /** A launcher killed the job because of its output. */
  readonly overOutputLimit?: boolean
}

export type Finding =
  | { readonly kind: 'pending'; readonly requeueAfterMs: number }
  | {
    readonly kind: 'active'
    readonly state: 'running' | 'suspended'
    readonly started: StartedSupervisor
    readonly kill: boolean
    /** The program has not been executed for a while. */
    readonly isSlow?: boolean
    readonly withoutHome?: true
    /** As in ActiveObservation. */
    readonly timedOut?: true
    readonly requeueAfterMs?: number
  }
  /** `orphans`: the supervisor died before it could kill what it had started. */
  | {
    readonly kind: 'ended'
    readonly outcome: Outcome
    readonly started?: StartedSupervisor
    readonly endTime?: number
    readonly orphans: boolean
  }

/** Milliseconds between a claim and its first line, at most. */
export const FIRST_LINE_MS = 5000
/** Milliseconds after which SIGKILL is sent again. */
const KILL_AGAIN_MS = 500
/** Milliseconds between two observations of a job that is ending. */
const AGAIN_MS = 250
/** Milliseconds after which a program that has not started is worth a message. */
const SLOW_START_MS = 2000

const CPU_TIME_EXCEEDED = 128 + constants.signals.SIGXCPU
/** Exit codes for which a shell does not report whether they are those of signals. */
const UNREPORTED = [128 + constants.signals.SIGINT, 128 + constants.signals.SIGPIPE]

/**
 * The same reading always gives the same outcome: an outcome depends neither on the clock nor on what has been removed
 * meanwhile. `since` returns how many milliseconds ago a time was.
 */
export function evaluate (job: Job, reading: SupervisorReading, since: (at: number) => number): Finding {
  const { state, supervisor, writtenAt } = reading
  if (state === undefined) {
    return reading.boot === 'same' && since(writtenAt) < FIRST_LINE_MS
      ? { kind: 'pending', requeueAfterMs: AGAIN_MS }
      : ended(lost(job, reading))
  }
  const { started } = state
  if (started !== undefined && supervisor !== 'gone') {
    const timeout = timeoutOf(job, () => since(started.startTime))
    const due = { ...dueAction(job, since), ...slowStart(job, state, since) }
    const requeueAfterMs = Math.min(due.requeueAfterMs ?? Infinity, timeout.requeueAfterMs ?? Infinity)
    return {
      kind: 'active',
      state: supervisor,
      started,
      ...due,
      ...timeout,
      ...(state.withoutHome && { withoutHome: state.withoutHome }),
      ...(requeueAfterMs < Infinity && { requeueAfterMs })
    }
  }
  if (state.failed !== undefined) {
    return ended(atHome(job, state, failedStart(job, state.failed, state.firstLine)), started, writtenAt)
  }
  if (state.exitCode === undefined) return { ...ended(lost(job, reading), started), orphans: reading.boot === 'same' }
  const { executed, exitCode } = state
  // A power failure can undo the report. The exit code is then all that is known.
  if (reading.boot === 'same' && executed === undefined) return ended(reportRemoved(job), started, writtenAt)
  if (reading.boot === 'same' && executed === false) {
    return ended(notExecuted(job, state, exitCode, writtenAt), started, writtenAt)
  }
  const limitMb = outputLimitOf(job.submission)
  if (reading.overOutputLimit === true && limitMb !== undefined && exitCode === SIGKILL_EXIT_CODE) {
    return ended(outputLimitExceeded(limitMb, exitCode), started, writtenAt)
  }
  const outcome = { ...ofExitCode(job, state, exitCode, writtenAt), exitCode }
  return ended(exitCode === 0 ? outcome : atHome(job, state, outcome), started, writtenAt)
}

/** Adds to an outcome that no one asked for that the program had no home folder. */
function atHome (job: Job, { withoutHome }: SupervisorState, outcome: Outcome): Outcome {
  if (withoutHome === undefined || !MAY_NEED_HOME.includes(outcome.reason)) return outcome
  return { ...outcome, message: `${outcome.message} ${withoutHomeMessage(job)}` }
}

/** Whether a job that was asked to end must be killed now, and when to observe it again. */
function dueAction (job: Job, since: (at: number) => number): { kill: boolean, requeueAfterMs?: number } {
  const { intent } = job
  if (intent === undefined || intent.operation === 'cancel') return { kill: false }
  const left = (intent.operation === 'kill' ? KILL_AGAIN_MS : stopGraceMs(job)) - since(intent.at)
  return left > 0 ? { kill: false, requeueAfterMs: left } : { kill: true, requeueAfterMs: AGAIN_MS }
}

/** Whether the program is late, and when to look again. After a request, `dueAction` says when. */
function slowStart (
  { intent }: Job, { started, executed, exitCode }: SupervisorState, since: (at: number) => number
): { isSlow?: boolean, requeueAfterMs?: number } {
  if (executed !== false || exitCode !== undefined || started === undefined || intent !== undefined) return {}
  const left = SLOW_START_MS - since(started.startTime)
  return left > 0 ? { requeueAfterMs: left } : { isSlow: true, requeueAfterMs: SLOW_START_MS }
}

function ended (outcome: Outcome, started?: StartedSupervisor, endTime?: number): Finding & { kind: 'ended' } {
  return {
    kind: 'ended',
    outcome,
    orphans: false,
    ...(started && { started }),
    ...(endTime !== undefined && { endTime })
  }
}

/** Reasons of a program that may not have found its files. */
const MAY_NEED_HOME: readonly string[] = [
  'Exited', 'Signaled', 'ExecutableNotFound', 'InterpreterNotFound', 'OutputFileNotWritable'
] satisfies Reason[]

export function withoutHomeMessage ({ user }: Job): string {
  return `The home folder of ${user} does not exist, or ${user} cannot enter it, so the program began in /.`
}

function ofExitCode (job: Job, { signaled, oomKills }: SupervisorState, code: number, endTime: number): Outcome {
  const { submission } = job
  switch (requestedEnd(job, code, endTime)) {
    case 'killed': return killedOnRequest(code)
    case 'stopped': return stoppedOnRequest(code)
    case 'grace exceeded': return stopGraceExceeded(job)
  }
  const memoryLimit = limitOf('memory') ?? limitOf('memorySwap')
  if (oomKills > 0 && code === SIGKILL_EXIT_CODE) {
    const message = `The program used more memory than its limit of ${memoryLimit} MB.`
    return { status: 'Killed', reason: 'OutOfMemory', message }
  }
  const cpuTime = limitOf('cpuTime')
  if (cpuTime !== undefined && signaled && (code === CPU_TIME_EXCEEDED || code === SIGKILL_EXIT_CODE)) {
    return {
      status: 'Killed',
      reason: 'CpuTimeExceeded',
      message: `The program used more CPU time than its limit of ${cpuTime} s.`
    }
  }
  const signal = signaled ? signalName(code - 128) : undefined
  if (signal !== undefined) {
    return {
      status: 'Finished',
      reason: 'Signaled',
      message: `The signal ${signal} ended the program; the launcher did not send it.`
    }
  }
  if (oomKills > 0) return exited(code, childOutOfMemory(`the ${memoryLimit} MB of the job's limit`))
  const hint = UNREPORTED.includes(code) ? `, its own or that of the signal ${signalName(code - 128)}` : ''
  return exited(code, hint)

  function limitOf (type: string): number | undefined {
    return submission.resourceLimits?.find(limit => limit.type === type)?.value
  }
}

/** The supervisor is gone and has not reported an exit code. */
function lost (job: Job, { state, boot }: SupervisorReading): Outcome {
  if (boot !== 'same') return ofEarlierBoot(boot)
  // The cancel had no room for more than the empty file.
  if (state === undefined && job.intent?.operation === 'cancel') return canceled()
  if (job.intent?.operation === 'kill') return killedOnRequest()
  return {
    status: 'Failed',
    reason: 'SupervisorLost',
    message: 'Another process killed the supervisor of the job, so the exit code is unknown. ' +
      'The remaining processes of the job were killed.'
  }
}

/** Also if a power failure left nothing of the job but its entry in the spawn log. */
export function ofEarlierBoot (boot: Exclude<BootRelation, 'same'>): Outcome {
  const reason = boot === 'copy' ? 'RestoredFromCopy' : 'MachineRestarted'
  return { status: 'Failed', reason, message: REASONS[reason] }
}

const STATE_LOST = {
  removed: "The job's folder was removed while the job ran, so its exit code and its output are lost.",
  damaged: 'The state file of the job was damaged while the job ran, so its exit code is unknown.'
}

/** The state of the job was lost while its program ran, and the supervisor is gone. */
export function stateLost ({ intent }: Job, how: keyof typeof STATE_LOST): Outcome {
  if (intent?.operation === 'kill') return killedOnRequest()
  return { status: 'Failed', reason: 'Lost', message: STATE_LOST[how] }
}
