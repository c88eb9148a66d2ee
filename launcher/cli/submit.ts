// job-launcher submit: submits the job in a file.

import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { optionalSeconds, positionalArguments } from './option-values.ts'
import { readSubmission, SUBMISSION_OPTION, TIMEOUT_OPTION } from './read-submission.ts'
import { write } from './write.ts'

export const submit: Command = {
  name: 'submit',
  summary: 'Submit a job and print its id',
  usage: '-f FILE|- [OPTION…]',
  options: {
    ...SUBMISSION_OPTION,
    ...TIMEOUT_OPTION,
    json: { type: 'boolean', help: 'Print the complete job as JSON' },
    ...CONNECTION_OPTIONS
  },
  run: async context => {
    positionalArguments(context)
    const timeoutSeconds = optionalSeconds(context.values, 'timeout')
    const read = await readSubmission(context)
    const submission = timeoutSeconds === undefined ? read : { ...read, timeoutSeconds }
    return withClient(context, async client => {
      const job = await client.submit(submission)
      await write(context.stdout, context.values.json === true ? `${JSON.stringify(job)}\n` : `${job.id}\n`)
      return 0
    })
  }
}
