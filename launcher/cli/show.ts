// job-launcher show: shows all fields of one job.

import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { formatFacts } from './facts.ts'
import { positionalArguments } from './option-values.ts'
import { writeDocument } from './write.ts'

export const show: Command = {
  name: 'show',
  summary: 'Show all fields of a job',
  usage: 'ID [OPTION…]',
  options: {
    json: { type: 'boolean', help: 'Print JSON' },
    ...CONNECTION_OPTIONS
  },
  run: context => withClient(context, async client => {
    const [id] = positionalArguments(context, 'ID') as [string]
    const job = await client.get(id)
    await writeDocument(context, job, formatFacts(job))
    return 0
  })
}
