// job-launcher submit: submits a job that a file describes.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { LauncherError, systemCode } from '../errors.ts'
import type { JobSubmission } from '../jobs/job.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { optionalText, positionalArguments } from './option-values.ts'
import { write } from './write.ts'

export const submit: Command = {
  name: 'submit',
  summary: 'Submit a job and print its id',
  usage: '-f FILE|- [OPTION…]',
  options: {
    file: { type: 'string', short: 'f', value: 'FILE|-', help: 'JSON file with the job, as POST /v1/jobs takes it; - reads standard input' },
    json: { type: 'boolean', help: 'Print the whole job as JSON' },
    ...CONNECTION_OPTIONS
  },
  run: async context => {
    positionalArguments(context)
    const submission = await readSubmission(context)
    return withClient(context, async client => {
      const job = await client.submit(submission)
      await write(context.stdout, context.values.json === true ? `${JSON.stringify(job)}\n` : `${job.id}\n`)
      return 0
    })
  }
}

/** What the JSON says is for the launcher to judge. */
async function readSubmission ({ values, stdin }: CommandContext): Promise<JobSubmission> {
  const file = optionalText(values, 'file')
  if (file === undefined) throw new LauncherError('UsageError', '--file FILE is missing')
  const json = file === '-' ? await text(stdin) : await readText(file)
  try {
    return JSON.parse(json) as JobSubmission
  } catch (cause) {
    throw new LauncherError('InvalidJson', `${file === '-' ? 'standard input' : file}: ${(cause as Error).message}`, {}, { cause })
  }
}

async function readText (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new LauncherError('FileNotReadable', `${file} cannot be read: ${systemCode(cause) ?? String(cause)}`, { file }, { cause })
  }
}
