// Decides the outcome of a job whose container ended before it became the program. Pure.

import { dirname, normalize } from 'node:path/posix'
import { interpreterNotFound } from '../../../launcher/plugin-kit/interpreter-not-found.ts'
import type { Job, Outcome } from '../../../launcher/plugin.ts'
import type { Terminated } from '../cache/tracked-pod.ts'
import { quoted } from '../client/server-message.ts'
import { scriptFailure, type ScriptFailure } from '../metadata/script-message.ts'
import { CHOSEN_FIELDS } from '../objects/chosen-output.ts'
import { containerProgram } from '../objects/container-command.ts'
import { failedWith } from './failed-pod.ts'

const SHELL = '/bin/sh'
const IN_IMAGE = 'in the image'

/** Returns undefined if the program was started. */
export function ofFailedStart ({ submission }: Pick<Job, 'submission'>, terminated: Terminated): Outcome | undefined {
  const { reason, message = '' } = terminated
  const ofScript = scriptFailure(message)
  if (ofScript !== undefined) return ofScriptFailure(ofScript, submission)
  if (reason !== 'StartError' && reason !== 'ContainerCannotRun' && reason !== 'RunContainerError') return undefined
  const node = quoted('the node', message)
  if (submission.workingDirectory !== undefined && isOfWorkingDirectory(message, submission.workingDirectory)) {
    return failedWith(
      'WorkingDirectoryNotFound',
      `The working directory ${submission.workingDirectory} does not exist in the container, or cannot be ` +
      `entered${node}.`
    )
  }
  if (/executable file not found|no such file or directory|permission denied|exec format error/.test(message)) {
    // Only the files of process logs need a shell for such a program.
    if (/"\/bin\/sh"|\bstat \/bin\/sh:/.test(message) && containerProgram(submission).command?.[0] !== SHELL) {
      return failedWith(
        'ShellNotFound',
        `The image has no ${SHELL}, which opens the files of the output in the data of the host; use an image with a ` +
        `shell, or ${withoutData(submission, 'output in the definition of the image, ')}${node}.`
      )
    }
    const program = submission.exe !== undefined && submission.stdin === undefined ? submission.exe : SHELL
    return failedWith(
      'ExecutableNotFound',
      `The program ${program} does not exist in the image, or cannot be executed${node}.`
    )
  }
  return failedWith('StartFailed', `The node could not start the program${node}.`)
}

/** A container runtime creates the folders of the working directory that are missing, and then enters it. */
function isOfWorkingDirectory (message: string, workingDirectory: string): boolean {
  const [, created] = /\bmkdir (\/.*): /.exec(message) ?? []
  return /\b(chdir|cwd)\b/.test(message) ||
    (created !== undefined && `${normalize(workingDirectory)}/`.startsWith(`${created}/`))
}

function ofScriptFailure (failure: ScriptFailure, submission: Job['submission']): Outcome {
  if (failure.kind === 'missing') {
    return failedWith(
      'ProcessLogsNotWritable',
      'The files for the output of the job are not in the data of the host that its node sees, so its program was ' +
      'not started; the operator checks that DataDir (or DataDirPVCName) and DataDirPath name the same folder, ' +
      `or ${withoutData(submission)}.`
    )
  }
  if (failure.kind === 'not-writable') {
    const field = CHOSEN_FIELDS[failure.stream]
    const file = submission[field]
    if (file !== undefined) return ofChosenFile(file, field, failure.words)
    return failedWith(
      'ProcessLogsNotWritable',
      'The container cannot append to the files for the output of the job, so its program was not started; the ' +
      'operator checks that the jobs can write to the data of the host (DataDir or DataDirPVCName), ' +
      `or ${withoutData(submission)}${quoted('the shell', failure.words)}.`
    )
  }
  const program = containerProgram(submission).command![0]!
  if (failure.firstLine !== undefined) return interpreterNotFound(program, failure.firstLine, IN_IMAGE)
  return failedWith(
    'ExecutableNotFound',
    failure.found
      ? `The program ${program} cannot be executed: it is no program of the image, or its user has no right to ` +
        'execute it.'
      : `The program ${program} does not exist in the image, or its interpreter does not.`
  )
}

function ofChosenFile (file: string, field: string, words: string): Outcome {
  return failedWith(
    'OutputFileNotWritable',
    `The container cannot append to the file ${file} (${field}), so the program of the job was not started. The ` +
    `folder ${dirname(file)} must exist, and the user of the container (container.runAsUserId) must be able to write ` +
    `to the file or, if it does not exist, to the folder${quoted('the shell', words)}.`
  )
}

/** How the output goes to the log of the node, which has no file that a job chose. `others`: other fields for it. */
function withoutData ({ stdoutFile, stderrFile }: Job['submission'], others = ''): string {
  const remove = stdoutFile === undefined && stderrFile === undefined ? '' : 'remove stdoutFile and stderrFile, and '
  return `${remove}set ${others}container.output of the job or KubernetesOutput of the launcher to node`
}
