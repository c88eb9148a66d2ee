// job-launcher run: runs a program as a job as if it ran here.

import { basename } from 'node:path'
import type { ClientJob, LauncherClient } from '../client/client.ts'
import { LauncherError } from '../errors.ts'
import type { JobSubmission } from '../model/job.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { endJob } from './end-job.ts'
import { copyOutput, streamsOf } from './follow-job.ts'
import { jobExitCode } from './job-exit-code.ts'
import { optionalText, textList } from './option-values.ts'
import { escapeControls } from './plain-text.ts'
import { write } from './write.ts'

export const run: Command = {
  name: 'run',
  summary: 'Run a program as a job, show its output and exit with its exit code',
  usage: '[OPTION…] -- COMMAND [ARGUMENT…]',
  options: {
    cluster: { type: 'string', value: 'NAME', help: 'Cluster to run on; the first one configured when it is left out' },
    image: { type: 'string', value: 'IMAGE', help: 'Image of its container, on a cluster that runs containers' },
    name: { type: 'string', value: 'NAME', help: 'Name of the job; the command\'s when it is left out' },
    tag: { type: 'string', multiple: true, value: 'TAG', help: 'Tag of the job; may be repeated' },
    env: { type: 'string', multiple: true, value: 'K=V', help: 'Variable of its environment; may be repeated' },
    workdir: {
      type: 'string',
      value: 'FOLDER',
      help: "Folder it starts in; the user's home folder, or the image's own, when it is left out"
    },
    user: { type: 'string', value: 'USER', help: 'User it runs as' },
    ...CONNECTION_OPTIONS
  },
  run: context => withClient(context, async client => {
    const submitted = await client.submit(submissionOf(context))
    const stopper = stopOnInterrupt(context, client, submitted.id)
    try {
      await copyOutput(client, context, { id: submitted.id, streams: await streamsOf(client, submitted), follow: true })
      const job = await client.ended(submitted.id)
      if (job.status !== 'Finished') await write(context.stderr, endMessage(job))
      return jobExitCode(job)
    } finally {
      stopper()
    }
  })
}

function submissionOf ({ positionals, values }: CommandContext): JobSubmission {
  const [exe, ...args] = positionals
  if (exe === undefined) throw new LauncherError('UsageError', 'COMMAND is missing')
  const image = optionalText(values, 'image')
  const optional = {
    container: image === undefined ? undefined : { image },
    cluster: optionalText(values, 'cluster'),
    workingDirectory: optionalText(values, 'workdir'),
    user: optionalText(values, 'user')
  }
  return {
    name: optionalText(values, 'name') ?? basename(exe),
    exe,
    args,
    tags: textList(values, 'tag'),
    environment: textList(values, 'env').map(variableOf),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  }
}

function variableOf (text: string): { name: string, value: string } {
  const at = text.indexOf('=')
  if (at < 1) throw new LauncherError('UsageError', `--env ${text}: NAME=VALUE is wanted`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** The first interrupt stops the job, the second kills it; either way `run` goes on until the job has ended. */
function stopOnInterrupt ({ signal, force, stderr }: CommandContext, client: LauncherClient, id: string): () => void {
  const ask = (operation: 'stop' | 'kill') => {
    endJob(client, id, operation).catch(error =>
      write(stderr, escapeControls(`job-launcher: cannot ${operation} job ${id}: ${(error as Error).message}`) + '\n')
    )
  }
  const stop = () => ask('stop')
  const kill = () => ask('kill')
  signal.addEventListener('abort', stop)
  force?.addEventListener('abort', kill)
  if (signal.aborted) stop()
  return () => {
    signal.removeEventListener('abort', stop)
    force?.removeEventListener('abort', kill)
  }
}

function endMessage ({ id, status, reason, message }: ClientJob): string {
  return (
    escapeControls(
      `job-launcher: job ${id} ${status}${reason === undefined ? '' : ` (${reason})`}: ${message ?? 'no more is known'}`
    ) + '\n'
  )
}
