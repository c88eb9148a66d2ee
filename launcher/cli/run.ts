// job-launcher run: runs a program as a job, with the output and exit code of the command itself.

import { basename } from 'node:path'
import type { ClientJob, LauncherClient } from '../client/client.ts'
import { LauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import type { JobSubmission } from '../model/job.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { endJob } from './end-job.ts'
import { copyOutput, streamsOf } from './follow-job.ts'
import { optionalText, textList } from './option-values.ts'
import { escapeControls } from './plain-text.ts'
import { JOB_OPTIONS, jobFields } from './read-submission.ts'
import { truncationNote } from './truncation-note.ts'
import { write } from './write.ts'

/** The program of the job never ran, or its end was not observed. */
const NEVER_RAN = 125
/** The job was killed and has no exit code: 128 + SIGKILL. */
const KILLED = 137

export const run: Command = {
  name: 'run',
  summary: 'Run a program as a job, show its output and exit with its exit code',
  usage: '[OPTION…] -- COMMAND [ARGUMENT…]',
  options: {
    cluster: { type: 'string', value: 'NAME', help: 'Cluster to run on; default: the first one configured' },
    image: { type: 'string', value: 'IMAGE', help: 'Image of the container, on a cluster that runs containers' },
    name: { type: 'string', value: 'NAME', help: 'Name of the job; default: the name of the command' },
    tag: { type: 'string', multiple: true, value: 'TAG', help: 'Tag of the job; may be repeated' },
    env: { type: 'string', multiple: true, value: 'K=V', help: 'Environment variable of the job; may be repeated' },
    workdir: {
      type: 'string',
      value: 'FOLDER',
      help: "Working directory; default: the user's home folder or that of the image"
    },
    user: { type: 'string', value: 'USER', help: 'User to run as' },
    ...JOB_OPTIONS,
    ...CONNECTION_OPTIONS
  },
  run: context => withClient(context, async client => {
    const submitted = await client.submit(submissionOf(context))
    const removeListeners = stopOnInterrupt(context, client, submitted.id)
    try {
      await copyOutput(client, context, { id: submitted.id, streams: await streamsOf(client, submitted), follow: true })
      const job = await client.ended(submitted.id)
      if (job.status !== 'Finished' || job.exitCode === undefined) await write(context.stderr, endMessage(job))
      await write(context.stderr, truncationNote(job))
      return jobExitCode(job)
    } finally {
      removeListeners()
    }
  })
}

export function jobExitCode ({ status, exitCode }: Pick<ClientJob, 'status' | 'exitCode'>): number {
  return exitCode ?? (status === 'Killed' ? KILLED : NEVER_RAN)
}

function submissionOf ({ positionals, values }: CommandContext): JobSubmission {
  const [exe, ...args] = positionals
  if (exe === undefined) throw new LauncherError('UsageError', 'COMMAND is missing')
  const image = optionalText(values, 'image')
  return {
    name: optionalText(values, 'name') ?? basename(exe),
    exe,
    args,
    tags: textList(values, 'tag'),
    environment: textList(values, 'env').map(variableOf),
    ...defined({
      container: image === undefined ? undefined : { image },
      cluster: optionalText(values, 'cluster'),
      workingDirectory: optionalText(values, 'workdir'),
      user: optionalText(values, 'user'),
      ...jobFields(values)
    })
  }
}

function variableOf (text: string): { name: string, value: string } {
  const at = text.indexOf('=')
  if (at < 1) throw new LauncherError('UsageError', `--env ${text}: must have the form NAME=VALUE`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** The first interrupt stops the job, the second kills it. In both cases `run` continues until the job has ended. */
function stopOnInterrupt ({ signal, force, stderr }: CommandContext, client: LauncherClient, id: string): () => void {
  const request = (operation: 'stop' | 'kill') => {
    endJob(client, id, operation).catch(error =>
      write(stderr, escapeControls(`job-launcher: cannot ${operation} job ${id}: ${(error as Error).message}`) + '\n')
    )
  }
  const stop = () => request('stop')
  const kill = () => request('kill')
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
      `job-launcher: job ${id} ${status}${reason === undefined ? '' : ` (${reason})`}: ${message ?? 'no message'}`
    ) + '\n'
  )
}
