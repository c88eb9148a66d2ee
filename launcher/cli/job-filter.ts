// The options that select jobs, and the filter that they stand for.

import type { JobFilter } from '../client/client.ts'
import { LauncherError } from '../errors.ts'
import { JOB_OUTCOMES } from '../model/job-outcome.ts'
import { REASONS } from '../model/reasons.ts'
import { JOB_STATUSES } from '../model/status.ts'
import { suggestOrList } from '../lib/closest-match.ts'
import { parseDuration } from '../lib/duration.ts'
import type { CommandContext, Option } from './command.ts'
import { optionalText, textList } from './option-values.ts'

/** The note after a reply that may lack jobs which match. */
export const INCOMPLETE = 'Jobs of an earlier launcher may be missing: not all of them are known yet.\n'

export const FILTER_OPTIONS = {
  status: {
    type: 'string',
    multiple: true,
    value: 'STATUS',
    help: `Only with this status (${JOB_STATUSES.join(', ')}); may be repeated`
  },
  outcome: {
    type: 'string',
    multiple: true,
    value: 'OUTCOME',
    help: `Only ended jobs with this outcome (${JOB_OUTCOMES.join(', ')}); may be repeated`
  },
  failed: { type: 'boolean', help: 'As --outcome failed' },
  reason: {
    type: 'string',
    multiple: true,
    value: 'REASON',
    help: 'Only with this reason, such as OutOfMemory; may be repeated'
  },
  'exit-code': { type: 'string', multiple: true, value: 'N', help: 'Only with this exit code; may be repeated' },
  name: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: "Only with this name, or with * at its end ('report-*') with this beginning; may be repeated"
  },
  tag: { type: 'string', multiple: true, value: 'TAG', help: 'Only with this tag; if repeated, with all tags' },
  user: { type: 'string', value: 'USER', help: 'Only of this user' },
  cluster: { type: 'string', value: 'NAME', help: 'Only on this cluster' },
  array: { type: 'string', value: 'ID', help: 'Only of this array' },
  since: {
    type: 'string',
    value: 'TIME',
    help: 'Only submitted since a time (2026-01-31T12:00:00Z) or an age (90s, 30m, 2h, 5d)'
  }
} as const satisfies Record<string, Option>

/** `now` is the time from which an age counts back. Throws UsageError for a value that is not possible. */
export function filterOf (values: CommandContext['values'], now: number): JobFilter {
  const words = (name: string) => textList(values, name).flatMap(text => text.split(','))
  const known = (name: string, all: readonly string[], what: string) =>
    words(name).map(word => knownWord(name, word, all, what))
  return {
    status: known('status', JOB_STATUSES, 'statuses'),
    outcome: [...known('outcome', JOB_OUTCOMES, 'outcomes'), ...(values.failed === true ? ['failed'] : [])],
    reason: known('reason', Object.keys(REASONS), 'reasons'),
    exitCode: words('exit-code').map(exitCodeOf),
    name: words('name'),
    tag: textList(values, 'tag'),
    user: optionalText(values, 'user'),
    cluster: optionalText(values, 'cluster'),
    array: optionalText(values, 'array'),
    since: sinceTime(optionalText(values, 'since'), now)
  }
}

function knownWord (name: string, text: string, all: readonly string[], what: string): string {
  const known = all.find(word => word.toLowerCase() === text.toLowerCase())
  if (known !== undefined) return known
  throw new LauncherError('UsageError', `--${name} ${text}: there is no such ${name}${suggestOrList(text, all, what)}`)
}

function exitCodeOf (text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text)
  throw new LauncherError('UsageError', `--exit-code ${text}: must be a whole number from 0 to 255`)
}

function sinceTime (text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined
  const agoMs = /^\d{1,9}[smhd]$/.test(text) ? parseDuration(text) : undefined
  const time = agoMs === undefined ? Date.parse(text) : now - agoMs
  const date = new Date(time)
  if (Number.isNaN(date.valueOf())) {
    throw new LauncherError(
      'UsageError',
      `--since ${text}: neither a time such as 2026-01-31T12:00:00Z nor an age such as 2h`
    )
  }
  return date.toISOString()
}
