// job-launcher output: prints what a job wrote.

import { LauncherError } from '../errors.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { copyOutput, streamsOf } from './follow-job.ts'
import { optionalCount, optionalText, positionalArguments } from './option-values.ts'

export const output: Command = {
  name: 'output',
  summary: 'Print a job\'s output, byte by byte as it was written',
  usage: 'ID [OPTION…]',
  options: {
    follow: { type: 'boolean', help: 'Wait for more until the job has ended' },
    stream: {
      type: 'string',
      value: 'stdout|stderr|both',
      help: 'Which stream; both when it is left out, each to its own'
    },
    from: { type: 'string', value: 'N', help: 'Start at byte N of the one stream' },
    ...CONNECTION_OPTIONS
  },
  run: context =>
    withClient(context, async client => {
      const [id] = positionalArguments(context, 'ID') as [string]
      const stream = streamOption(context.values)
      const from = optionalCount(context.values, 'from')
      if (from !== undefined && stream === 'both') {
        throw new LauncherError('UsageError', '--from needs --stream stdout or --stream stderr')
      }
      const streams = stream === 'both' ? await streamsOf(client, await client.get(id)) : [stream]
      await copyOutput(client, context, {
        id,
        streams,
        from,
        follow: context.values.follow === true,
        signal: context.signal
      })
      return 0
    })
}

function streamOption (values: CommandContext['values']): 'stdout' | 'stderr' | 'both' {
  const stream = optionalText(values, 'stream') ?? 'both'
  if (stream === 'both' || stream === 'stdout' || stream === 'stderr') return stream
  throw new LauncherError('UsageError', `--stream ${stream}: there are stdout, stderr and both`)
}
