// job-launcher submit: submits the job in a file, once or as an array.

import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { optionalCount, positionalArguments } from './option-values.ts'
import { JOB_OPTIONS, jobFields, readSubmission, SUBMISSION_OPTION } from './read-submission.ts'
import { write } from './write.ts'

export const submit: Command = {
  name: 'submit',
  summary: 'Submit a job, or an array of jobs, and print its id',
  usage: '-f FILE|- [OPTION…]',
  options: {
    ...SUBMISSION_OPTION,
    ...JOB_OPTIONS,
    count: { type: 'string', value: 'N', help: 'Submit an array of N jobs, 2 to 1000, and print the id of the array' },
    json: { type: 'boolean', help: 'Print the reply as JSON' },
    ...CONNECTION_OPTIONS
  },
  run: async context => {
    positionalArguments(context)
    const given = jobFields(context.values)
    const count = optionalCount(context.values, 'count')
    const read = await readSubmission(context)
    const submission = Object.keys(given).length === 0 ? read : { ...read, ...given }
    return withClient(context, async client => {
      const reply = count === undefined ? await client.submit(submission) : await client.submitArray(submission, count)
      const { id } = 'ids' in reply ? reply.array : reply
      await write(context.stdout, context.values.json === true ? `${JSON.stringify(reply)}\n` : `${id}\n`)
      return 0
    })
  }
}
