// job-launcher control: stops, kills, cancels, suspends or resumes a job, or all jobs that options select.

import type { ClientControlledJob, JobFilter, LauncherClient } from '../client/client.ts'
import { ERRORS, LauncherError } from '../errors.ts'
import { OPERATIONS, type Operation } from '../model/status.ts'
import { suggestOrList } from '../lib/closest-match.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { FILTER_OPTIONS, filterOf, INCOMPLETE } from './job-filter.ts'
import { positionalArguments } from './option-values.ts'
import { escapeControls } from './plain-text.ts'
import { write } from './write.ts'

export const control: Command = {
  name: 'control',
  summary: `Ask a job, or all selected jobs, to ${OPERATIONS.slice(0, -1).join(', ')} or ${OPERATIONS.at(-1)}`,
  usage: 'ID OPERATION [OPTION…], or control OPERATION --all or options that select jobs',
  options: {
    all: { type: 'boolean', help: 'All jobs that have not ended' },
    ...FILTER_OPTIONS,
    json: { type: 'boolean', help: 'Print the job as JSON, or a JSON object per line for several' },
    ...CONNECTION_OPTIONS
  },
  run: context => {
    const { values, positionals } = context
    const selects = Object.keys(FILTER_OPTIONS).some(name => values[name] !== undefined)
    if (selects && values.all === true) {
      throw new LauncherError('UsageError', '--all is for all jobs: it goes without options that select jobs')
    }
    if (selects || values.all === true) {
      const [operation] = positionalArguments(context, 'OPERATION') as [string]
      const filter = values.all === true ? 'all' : filterOf(values, Date.now())
      return withClient(context, client => controlMatching(context, client, knownOperation(operation), filter))
    }
    if (positionals.length === 1 && isOperation(positionals[0]!)) {
      throw new LauncherError('UsageError', 'ID is missing, or options that select jobs, such as --tag, or --all')
    }
    return withClient(context, client => controlJob(context, client))
  }
}

async function controlJob (context: CommandContext, client: LauncherClient): Promise<number> {
  const [id, operation] = positionalArguments(context, 'ID', 'OPERATION') as [string, string]
  const job = await client.control(id, knownOperation(operation))
  await write(context.stdout, context.values.json === true ? `${JSON.stringify(job)}\n` : `${job.id} ${job.status}\n`)
  return 0
}

/** Resolves with the exit code of the first job that failed. */
async function controlMatching (
  { stdout, stderr, values }: CommandContext,
  client: LauncherClient,
  operation: Operation,
  filter: JobFilter | 'all'
): Promise<number> {
  const { jobs, complete } = await client.controlMatching(operation, filter)
  if (values.json === true) await write(stdout, jobs.map(job => `${JSON.stringify(job)}\n`).join(''))
  else await write(stdout, jobs.filter(hasStatus).map(({ id, status }) => `${id} ${status}\n`).join(''))
  const failed = jobs.filter(job => !hasStatus(job))
  await write(stderr, failed.map(({ id, code, detail }) =>
    `${escapeControls(`job-launcher: ${id}: ${detail} (${code})`)}\n`).join(''))
  if (jobs.length === 0) await write(stderr, 'No job that matches is unfinished.\n')
  if (!complete) await write(stderr, INCOMPLETE)
  const [first] = failed
  if (first === undefined) return 0
  return (Object.hasOwn(ERRORS, first.code!) ? ERRORS[first.code as keyof typeof ERRORS] : ERRORS.InternalError).exit
}

function hasStatus ({ code }: ClientControlledJob): boolean {
  return code === undefined
}

function isOperation (word: string): word is Operation {
  return (OPERATIONS as readonly string[]).includes(word)
}

function knownOperation (word: string): Operation {
  if (isOperation(word)) return word
  throw new LauncherError(
    'UsageError',
    `there is no operation ${JSON.stringify(word)}${suggestOrList(word, OPERATIONS, 'operations')}`
  )
}
