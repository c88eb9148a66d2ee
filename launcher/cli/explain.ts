// job-launcher explain: tells what would become of a job, and why.

import { ERRORS, type ErrorCode } from '../errors.ts'
import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { explanationText } from './explanation-text.ts'
import { optionalText, positionalArguments } from './option-values.ts'
import { readSubmission, SUBMISSION_OPTION } from './read-submission.ts'
import { terminalWidth, write } from './write.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'Tell which limits, image and objects a job would get and why, without running it',
  usage: '-f FILE|- [OPTION…]',
  options: {
    ...SUBMISSION_OPTION,
    user: { type: 'string', value: 'USER', help: 'User whose job it would be; as the job says when it is left out' },
    json: { type: 'boolean', help: 'As JSON' },
    ...CONNECTION_OPTIONS
  },
  run: async context => {
    positionalArguments(context)
    const { values, stdout } = context
    const submission = await readSubmission(context)
    const user = optionalText(values, 'user')
    return withClient(context, async client => {
      const told = await client.explain(user === undefined ? submission : { ...submission, user })
      await write(
        stdout,
        values.json === true ? `${JSON.stringify(told, null, 2)}\n` : explanationText(told, terminalWidth(stdout))
      )
      const [refusal] = told.refusals
      return refusal === undefined ? 0 : ERRORS[refusal.code as ErrorCode].exit
    })
  }
}
