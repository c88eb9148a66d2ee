// Reads the submission of a command from a file or from standard input.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { LauncherError, systemCode } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import type { JobSubmission } from '../model/job.ts'
import type { CommandContext, Option } from './command.ts'
import { optionalPriority, optionalSeconds, optionalText } from './option-values.ts'

export const SUBMISSION_OPTION = {
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE|-',
    help: 'JSON file with the job, as for POST /v1/jobs; - reads standard input'
  }
} as const satisfies Record<string, Option>

/** Of each command that submits a job. */
export const JOB_OPTIONS = {
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'Stop the job when it has run this long (90s, 15m, 2h)'
  },
  priority: {
    type: 'string',
    value: 'N',
    help: "Start before the user's waiting jobs with a lower number; default: 0"
  }
} as const satisfies Record<string, Option>

/** The fields of a submission that JOB_OPTIONS give. */
export function jobFields (values: CommandContext['values']): Pick<JobSubmission, 'timeoutSeconds' | 'priority'> {
  return defined({ timeoutSeconds: optionalSeconds(values, 'timeout'), priority: optionalPriority(values) })
}

/** Checks only that the file is JSON. The launcher validates its content. */
export async function readSubmission ({ values, stdin }: CommandContext): Promise<JobSubmission> {
  const file = optionalText(values, 'file')
  if (file === undefined) throw new LauncherError('UsageError', '--file FILE is missing')
  const json = file === '-' ? await text(stdin) : await readText(file)
  try {
    return JSON.parse(json) as JobSubmission
  } catch (cause) {
    throw new LauncherError(
      'InvalidJson',
      `${file === '-' ? 'standard input' : file}: ${(cause as Error).message}`,
      {},
      { cause }
    )
  }
}

async function readText (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new LauncherError(
      'FileNotReadable',
      `${file} cannot be read: ${systemCode(cause) ?? String(cause)}`,
      { file },
      { cause }
    )
  }
}
