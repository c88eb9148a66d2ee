// Outcomes that every plugin reports in the same words.

import { constants } from 'node:os'
import { stopGraceMs, REASONS, type Job, type Outcome, type Reason } from '../plugin.ts'

/** An outcome whose reason is in the table of reasons. */
export type TypedOutcome = Outcome & { readonly reason: Reason }

/** The exit code of a program that SIGKILL ended. */
export const SIGKILL_EXIT_CODE = 128 + constants.signals.SIGKILL

export function canceled (): TypedOutcome {
  return { status: 'Canceled', reason: 'CanceledOnRequest', message: REASONS.CanceledOnRequest }
}

/** `exitCode` is undefined if it is unknown. */
export function killedOnRequest (exitCode?: number): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'KilledOnRequest',
    message: REASONS.KilledOnRequest,
    ...(exitCode !== undefined && { exitCode })
  }
}

/** There is no exit code, because no program ran. */
export function killedBeforeStart (): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'KilledOnRequest',
    message: 'The job was killed on request before its program started.'
  }
}

export function stoppedOnRequest (exitCode: number): TypedOutcome {
  return {
    status: 'Finished',
    reason: 'Stopped',
    message: `The job was stopped on request and ended with exit code ${exitCode}.`,
    exitCode
  }
}

/** There is no exit code, because no program ran. */
export function stoppedBeforeStart (): TypedOutcome {
  return {
    status: 'Finished',
    reason: 'Stopped',
    message: 'The job was stopped on request before its program started.'
  }
}

export function stopGraceExceeded (job: Job): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'StopGraceExceeded',
    message: `The job was asked to stop, did not end within ${stopGraceMs(job) / 1000} s, and was killed.`,
    exitCode: SIGKILL_EXIT_CODE
  }
}

/** How the message of a job begins whose start failed for a reason that may pass. */
export const START_RETRIED = 'The start failed and will be retried: '

/**
 * `limit` continues "The job did not start". `waited` is what the job waited for. A refusal stays the reason, because
 * it is the cluster's decision and not a matter of time.
 */
export function startTimeout (
  limit: string, { reason, message }: { readonly reason?: string | undefined, readonly message?: string | undefined }
): TypedOutcome {
  const why = message === undefined || message === '' ? '' : ` ${message.replace(START_RETRIED, 'The start failed: ')}`
  return {
    status: 'Failed',
    reason: reason === 'RefusedByCluster' ? reason : 'StartTimeout',
    message: `The job did not start ${limit}.${why}`
  }
}

/** There is no exit code, because no program ran. */
export function stopGraceExceededBeforeStart (job: Job): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'StopGraceExceeded',
    message: `The job was asked to stop before its program started, did not end within ${stopGraceMs(job) / 1000} s, ` +
      'and was killed.'
  }
}

/** `exitCode` is undefined if it is unknown. */
export function outputLimitExceeded (limitMb: number, exitCode?: number): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'OutputLimitExceeded',
    message: `The program wrote more output than its limit of ${limitMb} MB.`,
    ...(exitCode !== undefined && { exitCode })
  }
}

/** The outcomes of a request to end, after which a job has another reason if the launcher made the request. */
const REQUESTED: readonly string[] =
  ['Stopped', 'StopGraceExceeded', 'KilledOnRequest', 'CanceledOnRequest'] satisfies Reason[]

/** Returns the outcome with the reason for which the launcher itself ended the job, if it did. */
export function orOwnReason ({ intent, submission }: Pick<Job, 'intent' | 'submission'>, outcome: Outcome): Outcome {
  if (intent?.cause === undefined || !REQUESTED.includes(outcome.reason)) return outcome
  return intent.cause === 'TimedOut'
    ? timedOut(submission.timeoutSeconds, outcome.exitCode)
    : leaseExpired(submission.leaseSeconds, outcome)
}

function leaseExpired (leaseSeconds: number | undefined, { status, exitCode }: Outcome): TypedOutcome {
  return {
    status: status === 'Canceled' ? status : 'Killed',
    reason: 'LeaseExpired',
    message: `No request named the job for its lease of ${leaseSeconds} s, and it was ended.`,
    ...(exitCode !== undefined && { exitCode })
  }
}

/** `exitCode` is undefined if it is unknown. */
export function timedOut (timeoutSeconds: number | undefined, exitCode?: number, hint = ''): TypedOutcome {
  return {
    status: 'Killed',
    reason: 'TimedOut',
    message: `The job ran longer than its timeout of ${timeoutSeconds} s and was ended${hint}.`,
    ...(exitCode !== undefined && { exitCode })
  }
}

/** `hint` continues the sentence. */
export function exited (exitCode: number, hint = ''): TypedOutcome {
  return {
    status: 'Finished',
    reason: 'Exited',
    message: `The program ended with exit code ${exitCode}${hint}.`,
    exitCode
  }
}

/** A hint for `exited`: the program outlived a child that needed more memory than `limit`. */
export function childOutOfMemory (limit: string): string {
  return `; before that, a process that it had started needed more memory than ${limit} and was killed`
}

/** Returns the name of a signal such as SIGTERM, or undefined if no signal has this number. */
export function signalName (number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}
