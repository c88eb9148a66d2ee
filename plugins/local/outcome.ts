// Decides from a job's state file and its supervisor how the job stands or ended. Pure.

import { constants } from 'node:os'
import {
  canceled,
  exited,
  killedOnRequest,
  outputLimitExceeded,
  signalName,
  SIGKILL_EXIT_CODE,
  stopGraceExceeded,
  stoppedOnRequest
} from '../../launcher/plugin-kit/outcomes.ts'
import { outputLimitOf } from '../../launcher/plugin-kit/output-limit.ts'
import { REASONS, stopGraceMs, type Job, type Reason, type Outcome } from '../../launcher/plugin.ts'
import type { BootRelation } from './boot-id.ts'
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
const FIRST_LINE_MS = 5000
/** Milliseconds after which SIGKILL is sent again. */
const KILL_AGAIN_MS = 500
/** Milliseconds between two observations of a job that is ending. */
const AGAIN_MS = 250
/** File times may be this many milliseconds behind the launcher's clock. */
const FILE_CLOCK_MS = 20

const CPU_TIME_EXCEEDED = 128 + constants.signals.SIGXCPU
/** Shells do not report these two signals. */
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
    return { kind: 'active', state: supervisor, started, ...dueAction(job, since) }
  }
  if (state.failed !== undefined) return ended(failed(job, state.failed), started, writtenAt)
  if (state.exitCode === undefined) return { ...ended(lost(job, reading), started), orphans: reading.boot === 'same' }
  if (reading.boot === 'same' && wasNotExecuted(job, state, state.exitCode)) {
    return ended(failed(job, 'StartFailed'), started, writtenAt)
  }
  const { exitCode } = state
  const limitMb = outputLimitOf(job.submission)
  if (reading.overOutputLimit === true && limitMb !== undefined && exitCode === SIGKILL_EXIT_CODE) {
    return ended(outputLimitExceeded(limitMb, exitCode), started, writtenAt)
  }
  return ended({ ...ofExitCode(job, state, exitCode, writtenAt), exitCode }, started, writtenAt)
}

/** Whether the exit code is the launch script's. After a stop or a kill, some shells do not report the signal. */
function wasNotExecuted ({ intent }: Job, { executed, signaled, oomKills }: SupervisorState, code: number): boolean {
  return !executed && !signaled && oomKills === 0 && (intent === undefined || code <= 128)
}

/** Whether a job that was asked to end must be killed now, and when to observe it again. */
function dueAction (job: Job, since: (at: number) => number): { kill: boolean, requeueAfterMs?: number } {
  const { intent } = job
  if (intent === undefined || intent.operation === 'cancel') return { kill: false }
  const left = (intent.operation === 'kill' ? KILL_AGAIN_MS : stopGraceMs(job)) - since(intent.at)
  return left > 0 ? { kill: false, requeueAfterMs: left } : { kill: true, requeueAfterMs: AGAIN_MS }
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

function failed ({ submission, user }: Job, reason: Reason): Outcome {
  switch (reason) {
    case 'CanceledOnRequest':
      return canceled()
    case 'ExecutableNotFound':
      return {
        status: 'Failed',
        reason,
        message: `The program ${submission.exe} does not exist, or ${user} cannot execute it.`
      }
    case 'WorkingDirectoryNotFound':
      return {
        status: 'Failed',
        reason,
        message: `The working directory ${submission.workingDirectory} does not exist, or ${user} cannot enter it.`
      }
    case 'OutputFileNotWritable': {
      const files = [submission.stdoutFile, submission.stderrFile].filter(file => file !== undefined).join(' or ')
      return { status: 'Failed', reason, message: `${user} cannot write the output file ${files}.` }
    }
    default:
      return {
        status: 'Failed',
        reason,
        message: 'The program was not started: the limits or the files of the job could not be set up. ' +
          'Its standard error may say more.'
      }
  }
}

function ofExitCode (job: Job, { signaled, oomKills }: SupervisorState, code: number, endTime: number): Outcome {
  const { submission } = job
  const { killAt = Infinity, stopAt = Infinity } = requestsOf(job)
  // A program that ended before a request did not end because of it.
  const endedAfter = (at: number): boolean => endTime >= at - FILE_CLOCK_MS
  if (endedAfter(killAt) && code === SIGKILL_EXIT_CODE) return killedOnRequest(code)
  if (endedAfter(stopAt)) {
    const isKilled = code === SIGKILL_EXIT_CODE && endedAfter(stopAt + stopGraceMs(job))
    return isKilled ? stopGraceExceeded(job) : stoppedOnRequest(code)
  }
  if (oomKills > 0 && code !== 0) {
    const message = `The program used more memory than its limit of ${limitOf('memory') ?? limitOf('memorySwap')} MB.`
    return { status: code === SIGKILL_EXIT_CODE ? 'Killed' : 'Finished', reason: 'OutOfMemory', message }
  }
  const cpuTime = limitOf('cpuTime')
  if (cpuTime !== undefined && signaled && (code === CPU_TIME_EXCEEDED || code === SIGKILL_EXIT_CODE)) {
    return {
      status: 'Killed',
      reason: 'CpuTimeExceeded',
      message: `The program used more CPU time than its limit of ${cpuTime} s.`
    }
  }
  const signal = signaled || UNREPORTED.includes(code) ? signalName(code - 128) : undefined
  if (signal !== undefined) {
    return {
      status: 'Finished',
      reason: 'Signaled',
      message: `The signal ${signal} ended the program; the launcher did not send it.`
    }
  }
  return exited(code)

  function limitOf (type: string): number | undefined {
    return submission.resourceLimits?.find(limit => limit.type === type)?.value
  }
}

function requestsOf ({ intent }: Job): { readonly killAt?: number, readonly stopAt?: number } {
  switch (intent?.operation) {
    case 'kill': return { killAt: intent.at, ...(intent.stopAt !== undefined && { stopAt: intent.stopAt }) }
    case 'stop': return { stopAt: intent.at }
    default: return {}
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

/** The folder of the job was removed while its program ran, and the supervisor is gone. */
export function folderRemoved ({ intent }: Job): Outcome {
  if (intent?.operation === 'kill') return killedOnRequest()
  return {
    status: 'Failed',
    reason: 'Lost',
    message: "The job's folder was removed while the job ran, so its exit code and its output are lost."
  }
}
