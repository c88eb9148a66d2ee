// Reads the submission of a command from a file or from standard input.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { LauncherError, systemCode } from '../errors.ts'
import type { JobSubmission } from '../model/job.ts'
import type { CommandContext, Option } from './command.ts'
import { optionalText } from './option-values.ts'

export const SUBMISSION_OPTION = {
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE|-',
    help: 'JSON file with the job, as for POST /v1/jobs; - reads standard input'
  }
} as const satisfies Record<string, Option>

export const TIMEOUT_OPTION = {
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'Stop the job when it has run this long (90s, 15m, 2h)'
  }
} as const satisfies Record<string, Option>

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
