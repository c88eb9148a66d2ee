// Outcomes of jobs whose program was not executed. None has an exit code: it would be the launch script's. Pure.

import { interpreterNotFound } from '../../launcher/plugin-kit/interpreter-not-found.ts'
import {
  canceled,
  killedBeforeStart,
  killedOnRequest,
  signalName,
  SIGKILL_EXIT_CODE,
  stopGraceExceededBeforeStart,
  stoppedBeforeStart
} from '../../launcher/plugin-kit/outcomes.ts'
import type { Job, Outcome, Reason } from '../../launcher/plugin.ts'
import { requestedEnd } from './requested-end.ts'
import type { SupervisorState } from './supervisor-state.ts'

/** The launch script or the supervisor has reported the reason. */
export function failedStart ({ submission, user }: Job, reason: Reason, firstLine?: string): Outcome {
  if (firstLine !== undefined) {
    if (reason === 'InterpreterNotFound') return interpreterNotFound(submission.exe!, firstLine, 'on this machine')
    return { status: 'Failed', reason, message: whyNotExecuted(submission, reason) }
  }
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
      return notStarted('the limits or the files of the job could not be set up. Its standard error may say more.')
  }
}

/** The message for a program that was found, and that the system did not execute. */
function whyNotExecuted ({ exe }: Job['submission'], reason: Reason): string {
  if (reason === 'ExecFormatError') return `The program ${exe} is built for another kind of machine, or is no program.`
  if (reason === 'ExecutableNotFound') return `The program ${exe} was removed before it could be executed.`
  return `The program was not started: the system did not execute ${exe}. Another process may be writing it, it ` +
    'may be damaged, or its file system may forbid it; the standard error of the job has the words of the system.'
}

/** Neither has reported a reason, and the launch script ended with `exitCode`, above 128 because of a signal. */
export function notExecuted (
  job: Job, { oomKills }: Pick<SupervisorState, 'oomKills'>, exitCode: number, endTime: number
): Outcome {
  if (exitCode <= 128) return failedStart(job, 'StartFailed')
  switch (requestedEnd(job, exitCode, endTime)) {
    case 'killed': return killedBeforeStart()
    case 'stopped': return stoppedBeforeStart()
    case 'grace exceeded': return stopGraceExceededBeforeStart(job)
  }
  if (oomKills > 0 && exitCode === SIGKILL_EXIT_CODE) {
    return {
      status: 'Killed',
      reason: 'OutOfMemory',
      message: 'The job used more memory than its limit before its program started.'
    }
  }
  const signal = signalName(exitCode - 128)
  return signal === undefined
    ? failedStart(job, 'StartFailed')
    : notStarted(`the signal ${signal} ended the job before that; the launcher did not send it.`)
}

/** Without the report of the launch script nothing says whether the exit code is the program's. */
export function reportRemoved ({ intent }: Job): Outcome {
  if (intent?.operation === 'kill') return killedOnRequest()
  return {
    status: 'Failed',
    reason: 'Lost',
    message: 'A file of the job was removed while the job ran, so its exit code is lost.'
  }
}

function notStarted (why: string): Outcome {
  return { status: 'Failed', reason: 'StartFailed', message: `The program was not started: ${why}` }
}
