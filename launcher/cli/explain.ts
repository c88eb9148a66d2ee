// job-launcher explain: explains how a job would run, and why.

import { ERRORS, type ErrorCode } from '../errors.ts'
import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { explanationText } from './explanation-text.ts'
import { optionalText, positionalArguments } from './option-values.ts'
import { readSubmission, SUBMISSION_OPTION } from './read-submission.ts'
import { terminalWidth, writeDocument } from './write.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'Show the limits, image and objects of a job and their origin, without running it',
  usage: '-f FILE|- [OPTION…]',
  options: {
    ...SUBMISSION_OPTION,
    user: { type: 'string', value: 'USER', help: 'User that would own the job; default: the user in FILE' },
    json: { type: 'boolean', help: 'Print JSON' },
    ...CONNECTION_OPTIONS
  },
  run: async context => {
    positionalArguments(context)
    const { values, stdout } = context
    const submission = await readSubmission(context)
    const user = optionalText(values, 'user')
    return withClient(context, async client => {
      const explanation = await client.explain(user === undefined ? submission : { ...submission, user })
      await writeDocument(context, explanation, explanationText(explanation, terminalWidth(stdout)))
      const [refusal] = explanation.refusals
      return refusal === undefined ? 0 : ERRORS[refusal.code as ErrorCode].exit
    })
  }
}
