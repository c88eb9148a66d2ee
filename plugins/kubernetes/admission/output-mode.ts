// Decides whether a job keeps its output in the data of the host or in the logs of its node. The job decides before its
// image, and the image before the cluster. Pure.

import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { findVariable, isOfShell, isPassedOn } from '../../../launcher/plugin-kit/shell-variables.ts'
import type { ExpectedWait, JobSubmission } from '../../../launcher/plugin.ts'
import type { ProcessLogs } from '../config/process-logs.ts'
import { containerProgram } from '../objects/container-command.ts'
import type { ObjectSettings } from '../objects/settings.ts'
import { forbiddenType } from './check-pod-security.ts'

interface OutputProblem {
  readonly message: string
  readonly help: string
  /** The reason of a job that waits for its end. */
  readonly reason?: string
}

export interface OutputRules extends Pick<ObjectSettings, 'data' | 'enforcedLevel'> {
  readonly config: ProcessLogs
  /** Why the launcher cannot write process logs now. */
  readonly problem?: OutputProblem | undefined
}

/**
 * The submission must be complete, with the output of its image. Throws InvalidJob or NotSupportedByCluster, which name
 * the field, if the output must be in the data and cannot be. A problem that may end by itself is no reason for that.
 */
export function outputModeOf (submission: JobSubmission, rules: OutputRules): 'data' | 'node' {
  const chosen = chosenField(submission)
  const wanted = submission.container?.output ?? rules.config.mode
  if (wanted === 'node' && chosen !== undefined) throw chosenWithoutData(submission, chosen)
  if (wanted === 'node') return 'node'
  const mode = chosen === undefined ? wanted : 'data'
  const obstacle = obstacleOf(submission, rules)
  if (mode === 'data' && obstacle !== undefined) throw obstacle
  return mode === 'data' || (obstacle === undefined && rules.problem === undefined) ? 'data' : 'node'
}

/** Throws also if the job or its image requires the data, and the launcher cannot write there now. */
export function checkOutputMode (submission: JobSubmission, rules: OutputRules): void {
  const { config: { mode }, problem } = rules
  if (outputModeOf(submission, rules) === 'node' || mode === 'data' || problem === undefined) return
  const chosen = chosenField(submission)
  if (chosen !== undefined) {
    throw notSupported(
      `${whyData(submission)}, and the cluster keeps output in the logs of its nodes now. ${problem.message} ` +
      `Remove ${chosen}, or submit the job again once output is kept in the data.`,
      chosen
    )
  }
  throw notSupported(
    `container.output is data, and the launcher cannot keep output there now. ${problem.message} Set ` +
    'container.output to node, or submit the job again once it can.'
  )
}

/** What an admitted job would wait for before the launcher creates its files. */
export function outputWaitOf (submission: JobSubmission, rules: OutputRules): ExpectedWait | undefined {
  const { problem } = rules
  if (problem === undefined || outputModeOf(submission, rules) === 'node') return undefined
  const { message, help, reason } = problem
  return { state: 'waits', ...(reason !== undefined && { reason }), message: `${message} ${help}` }
}

function obstacleOf (submission: JobSubmission, { config, data, enforcedLevel }: OutputRules) {
  const what = whyData(submission)
  const chosen = chosenField(submission)
  const without = chosen === undefined ? 'set container.output to node' : `remove ${chosen}`
  if (data === undefined) {
    return notSupported(
      `${what}, and the cluster has no data of the host; its operator configures it with data-dir or ` +
      `data-dir-pvc-name (Launcher.DataDir, Launcher.DataDirPVCName). Or ${without}.`,
      chosen
    )
  }
  if (config.dataPath === undefined) {
    return notSupported(
      `${what}, and the launcher has no path of the data; its operator configures it with data-dir-path ` +
      `(Launcher.DataDirPath). Or ${without}.`,
      chosen
    )
  }
  const type = enforcedLevel && forbiddenType(data.source, enforcedLevel)
  if (type !== undefined) {
    return notSupported(
      `${what}, and the data is a volume of type ${type}, which the Pod Security level ${enforcedLevel} does not ` +
      `allow; its operator configures a claim with data-dir-pvc-name (Launcher.DataDirPVCName). Or ${without}.`,
      chosen
    )
  }
  return obstacleOfProgram(submission, what, without)
}

function whyData (submission: JobSubmission): string {
  const chosen = chosenField(submission)
  if (chosen !== undefined) return `${chosen} is a file in the data of the host`
  return submission.container?.output === undefined
    ? 'The output of jobs is kept in the data of the host (Launcher.KubernetesOutput is data)'
    : 'container.output is data'
}

function chosenField ({ stdoutFile, stderrFile }: JobSubmission): 'stdoutFile' | 'stderrFile' | undefined {
  if (stdoutFile !== undefined) return 'stdoutFile'
  return stderrFile === undefined ? undefined : 'stderrFile'
}

function chosenWithoutData (submission: JobSubmission, field: string): LauncherError {
  const setting = submission.container?.output === undefined ? 'Launcher.KubernetesOutput' : 'container.output'
  return new LauncherError(
    'NotSupportedByCluster',
    `${field} is a file in the data of the host, and ${setting} is node. Remove ${field}, or keep the output in the ` +
    'data.',
    { field }
  )
}

function obstacleOfProgram (
  submission: JobSubmission, what: string, without: string
): LauncherError | undefined {
  const { command } = containerProgram(submission)
  if (command === undefined) {
    return invalidJob(
      'exe',
      `${what}, and only a program that the job names can write there; name the program of the image in exe, or ` +
      `${without}.`
    )
  }
  // A job that starts with a shell has lost these variables in any case.
  const mustPassOn = command[0] !== '/bin/sh'
  const dropped = findVariable(submission, name => mustPassOn ? !isPassedOn(name) : isOfShell(name))
  if (dropped === undefined) return undefined
  const { field, name } = dropped
  return invalidJob(
    field,
    `${what}, and the shell that opens the files for it does not pass on the variable ${field}, ${name}; use another ` +
    `name, or ${without}.`
  )
}

function notSupported (message: string, field: string = 'container.output'): LauncherError {
  return new LauncherError('NotSupportedByCluster', message, { field })
}
