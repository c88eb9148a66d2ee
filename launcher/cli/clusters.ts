// job-launcher clusters: lists the clusters, or shows one.

import type { ClientCluster } from '../client/client.ts'
import type { Command } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { formatFacts } from './facts.ts'
import { positionalArguments } from './option-values.ts'
import { formatTable, type Column } from './table.ts'
import { terminalWidth, write, writeDocument } from './write.ts'

const COLUMNS: ReadonlyArray<Column<ClientCluster>> = [
  { title: 'NAME', value: cluster => cluster.name },
  { title: 'TYPE', value: cluster => cluster.type },
  { title: 'READY', value: cluster => cluster.ready ? 'yes' : 'no' },
  { title: 'WAITING', value: cluster => `${cluster.waitingJobs}/${cluster.maxWaitingJobs}` },
  { title: 'MESSAGE', value: cluster => cluster.message ?? '', shrinkTo: 10 }
]

export const clusters: Command = {
  name: 'clusters',
  summary: 'List the clusters, or show one of them',
  usage: '[NAME] [OPTION…]',
  options: {
    json: { type: 'boolean', help: 'Print JSON; a list has one cluster per line' },
    ...CONNECTION_OPTIONS
  },
  run: context =>
    withClient(context, async client => {
      const { stdout, values, positionals } = context
      if (positionals.length === 0) {
        const found = await client.clusters()
        await write(
          stdout,
          values.json === true
            ? found.map(cluster => `${JSON.stringify(cluster)}\n`).join('')
            : formatTable(COLUMNS, found, terminalWidth(stdout))
        )
      } else {
        const [name] = positionalArguments(context, 'NAME') as [string]
        const cluster = await client.cluster(name)
        await writeDocument(context, cluster, formatFacts({ ...cluster }))
      }
      return 0
    })
}
