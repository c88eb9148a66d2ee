// job-launcher control: stops, kills, cancels, suspends or resumes a job.

import { LauncherError } from '../errors.ts'
import { OPERATIONS, type Operation } from '../model/status.ts'
import { suggestOrList } from '../lib/closest-match.ts'
import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { positionalArguments } from './option-values.ts'
import { write } from './write.ts'

export const control: Command = {
  name: 'control',
  summary: `Ask a job to ${OPERATIONS.slice(0, -1).join(', ')} or ${OPERATIONS.at(-1)}`,
  usage: 'ID OPERATION [OPTION…]',
  options: {
    json: { type: 'boolean', help: 'Print the job as JSON' },
    ...CONNECTION_OPTIONS
  },
  run: context => withClient(context, async client => {
    const [id, operation] = positionalArguments(context, 'ID', 'OPERATION') as [string, string]
    const job = await client.control(id, knownOperation(operation))
    await write(context.stdout, context.values.json === true ? `${JSON.stringify(job)}\n` : `${job.id} ${job.status}\n`)
    return 0
  })
}

function knownOperation (word: string): Operation {
  const known = OPERATIONS.find(operation => operation === word)
  if (known !== undefined) return known
  throw new LauncherError(
    'UsageError',
    `there is no operation ${JSON.stringify(word)}${suggestOrList(word, OPERATIONS, 'operations')}`
  )
}
