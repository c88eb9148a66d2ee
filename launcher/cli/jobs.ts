// job-launcher jobs: lists jobs, once or continuously as they change, or counts them.

import type { ClientJob, JobFilter, LauncherClient } from '../client/client.ts'
import { LauncherError } from '../errors.ts'
import type { Command, CommandContext } from './command.ts'
import { CONNECTION_OPTIONS, withClient } from './connection-options.ts'
import { FILTER_OPTIONS, filterOf, INCOMPLETE } from './job-filter.ts'
import { SUMMARY_COLUMNS, summaryRows } from './job-summary.ts'
import { jobColumns } from './job-table.ts'
import { optionalCount, positionalArguments } from './option-values.ts'
import { escapeControls } from './plain-text.ts'
import { formatLine, formatTable } from './table.ts'
import { terminalWidth, write } from './write.ts'

const RESET = 'The lines before this do not count any more. Every job that exists follows.\n'
const REMOVED = { unmatched: 'does not match any more', deleted: 'was deleted', expired: 'has expired' }

export const jobs: Command = {
  name: 'jobs',
  summary: 'List jobs, newest first',
  usage: '[OPTION…]',
  options: {
    ...FILTER_OPTIONS,
    limit: { type: 'string', value: 'N', help: 'At most N jobs' },
    watch: { type: 'boolean', help: 'Then print a line for each change, also if a job is removed, until interrupted' },
    summary: { type: 'boolean', help: 'Print numbers of jobs by status, outcome, user and cluster instead' },
    json: { type: 'boolean', help: 'Print one JSON object per line' },
    ...CONNECTION_OPTIONS
  },
  run: context => {
    positionalArguments(context)
    const { watch, summary } = context.values
    const limit = optionalCount(context.values, 'limit')
    const filter = filterOf(context.values, Date.now())
    if (summary === true) {
      if (watch === true || limit !== undefined) {
        throw new LauncherError('UsageError', '--summary counts all jobs once: it goes without --watch and --limit')
      }
      return withClient(context, client => countJobs(context, client, filter))
    }
    return withClient(context, client => watch === true
      ? watchJobs(context, client, filter, limit)
      : listJobs(context, client, filter, limit))
  }
}

async function listJobs (
  { stdout, stderr, values }: CommandContext,
  client: LauncherClient,
  filter: JobFilter,
  limit = Infinity
): Promise<number> {
  const found: ClientJob[] = []
  const list = client.list(filter)
  while (limit-- > 0) {
    const next = await list.next()
    if (next.done === true) {
      if (!next.value.complete) await write(stderr, INCOMPLETE)
      break
    }
    if (values.json === true) await write(stdout, `${JSON.stringify(next.value)}\n`)
    else found.push(next.value)
  }
  if (values.json !== true) await write(stdout, formatTable(jobColumns(Date.now), found, terminalWidth(stdout)))
  return 0
}

async function countJobs (
  { stdout, stderr, values }: CommandContext,
  client: LauncherClient,
  filter: JobFilter
): Promise<number> {
  const summary = await client.summary(filter)
  if (!summary.complete) await write(stderr, INCOMPLETE)
  await write(stdout, values.json === true
    ? `${JSON.stringify(summary)}\n`
    : formatTable(SUMMARY_COLUMNS, summaryRows(summary), terminalWidth(stdout)))
  return 0
}

async function watchJobs (
  { stdout, stderr, values, signal }: CommandContext,
  client: LauncherClient,
  filter: JobFilter,
  limit = Infinity
): Promise<number> {
  const asJson = values.json === true
  /** Ids of the jobs that were printed and not removed since. */
  const printed = new Set<string>()
  const columns = jobColumns(Date.now)
  const widths = [26, 24, 12, 10, 9, 4, 4, 4, 20]
  const show = (cells: string[]) => write(stdout, formatLine(cells, widths, terminalWidth(stdout)))
  const events = client.events({
    filter,
    signal,
    async reset () {
      printed.clear()
      await (asJson ? write(stdout, '{"event":"reset"}\n') : write(stderr, RESET))
    },
    async removed ({ id, why }) {
      if (!printed.delete(id)) return
      await write(stdout, asJson ? `${JSON.stringify({ event: 'removed', id, why })}\n` : `${id}  ${REMOVED[why]}\n`)
    }
  })
  if (!asJson) await show(columns.map(({ title }) => title))
  if (limit === 0) return 0
  for await (const job of events) {
    printed.add(job.id)
    if (asJson) await write(stdout, `${JSON.stringify(job)}\n`)
    else await show(columns.map(({ value }) => escapeControls(value(job))))
    if (--limit <= 0) break
  }
  return 0
}
