// job-launcher output: prints the output of a job.

import { LauncherError } from '../errors.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { copyOutput, streamsOf } from './follow-job.ts'
import { optionalCount, optionalText, positionalArguments } from './option-values.ts'
import { truncationNote } from './truncation-note.ts'
import { write } from './write.ts'

export const output: Command = {
  name: 'output',
  summary: 'Print the output of a job, exactly as it was written',
  usage: 'ID [OPTION…]',
  options: {
    follow: { type: 'boolean', help: 'Wait for more output until the job has ended' },
    stream: {
      type: 'string',
      value: 'stdout|stderr|both',
      help: 'The stream to print; default: both, stdout to stdout and stderr to stderr'
    },
    from: { type: 'string', value: 'N', help: 'Start at byte N; needs --stream stdout or stderr' },
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
      if (!context.signal.aborted) await write(context.stderr, truncationNote(await client.get(id)))
      return 0
    })
}

function streamOption (values: CommandContext['values']): 'stdout' | 'stderr' | 'both' {
  const stream = optionalText(values, 'stream') ?? 'both'
  if (stream === 'both' || stream === 'stdout' || stream === 'stderr') return stream
  throw new LauncherError('UsageError', `--stream ${stream}: must be stdout, stderr or both`)
}
