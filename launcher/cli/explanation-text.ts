// Formats an explanation of a job as text.

import type { ClientExplanation } from '../client/client.ts'
import { placeOf } from '../lib/problem.ts'
import { escapeControls } from './plain-text.ts'
import { formatTable, type Column } from './table.ts'

type Limit = ClientExplanation['limits'][number]
type Rejected = NonNullable<ClientExplanation['image']>['rejected'][number]
type ExplainedObject = NonNullable<ClientExplanation['objects']>[number]

const LIMIT_COLUMNS: ReadonlyArray<Column<Limit>> = [
  { title: 'LIMIT', value: ({ type }) => type },
  { title: 'REQUESTED', value: ({ asked }) => amount(asked) },
  {
    title: 'EFFECTIVE',
    value: ({ value, enforced }) => `${amount(value)}${value === undefined || enforced ? '' : ' (not enforced)'}`
  },
  {
    title: 'SET BY',
    value: ({ value, setBy }) =>
      value === undefined ? '-' : setBy === undefined ? 'the job' : keyAndPlace(setBy),
    shrinkTo: 12
  },
  { title: 'MAX', value: ({ max }) => amount(max?.value) },
  { title: 'MAX SET BY', value: ({ max }) => max === undefined ? '' : keyAndPlace(max), shrinkTo: 12 }
]

const REJECTED_COLUMNS: ReadonlyArray<Column<Rejected>> = [
  { title: 'REJECTED', value: ({ image }) => image },
  { title: 'DEFINED IN', value: placeOf, shrinkTo: 12 },
  { title: 'BECAUSE IT', value: ({ why }) => why, shrinkTo: 20 }
]

/** `width` is in columns; if undefined, nothing is truncated. */
export function explanationText (
  explanation: ClientExplanation,
  width: number | undefined
): string {
  const {
    cluster, user, groups, accepted, refusals, limits, resourceProfile, image, objects = [], expectedWait, start
  } = explanation
  const relevant = limits.filter(({ value, max }) => value !== undefined || max !== undefined)
  const subject = `${user}${groups.length === 0 ? ', who is in no group' : `, in ${groups.join(', ')}`}`
  return [
    lines(
      `A job of ${subject}, on ${cluster}: ${accepted ? ACCEPTED[expectedWait?.state ?? 'starts'] : 'refused'}.`,
      ...(expectedWait === undefined ? [] : [waitText(expectedWait)])
    ),
    ...refusals.map(({ code, detail, help }) => lines(`${code}: ${detail}`, `  ${help}`)),
    ...(resourceProfile === undefined
      ? []
      : [lines(`Resource profile ${resourceProfile.name}, ${placeOf(resourceProfile)}.`)]),
    ...startText(start),
    relevant.length === 0 ? lines('No limits.') : formatTable(LIMIT_COLUMNS, relevant, width),
    ...(image === undefined ? [] : imageText(image, width)),
    ...objects.map(objectText)
  ].join('\n')
}

function imageText (
  { image, why, definedIn, versions = {}, rejected }: NonNullable<ClientExplanation['image']>,
  width: number | undefined
): string[] {
  const place = definedIn === undefined ? '' : ` (${placeOf(definedIn)})`
  return [
    image === undefined
      ? lines('No image.')
      : lines(
          `Image ${image}${place} ${why}.`,
          ...Object.entries(versions).map(([language, { version, path }]) => `  ${language} ${version}: ${path}`)
      ),
    ...(rejected.length === 0 ? [] : [formatTable(REJECTED_COLUMNS, rejected, width)])
  ]
}

/** Nothing if neither the job nor the operator says anything about the start. */
function startText (
  { priority, sharedPriority, maxPriority, maxRunningJobs, maxRunningJobsOfUser }: ClientExplanation['start']
): string[] {
  const texts = [
    ...(priority === 0 && maxPriority === undefined
      ? []
      : [`Priority ${priority} among the user's jobs, ${sharedPriority} against jobs of others` +
        `${maxPriority === undefined ? '' : ` (at most ${maxPriority.value}: ${keyAndPlace(maxPriority)})`}.`]),
    ...(maxRunningJobs === undefined
      ? []
      : [`At most ${maxRunningJobs.value} jobs run at once (${keyAndPlace(maxRunningJobs)}).`]),
    ...(maxRunningJobsOfUser === undefined
      ? []
      : [`At most ${maxRunningJobsOfUser.value} jobs of the user run at once (${keyAndPlace(maxRunningJobsOfUser)}).`])
  ]
  return texts.length === 0 ? [] : [lines(...texts)]
}

/** The text is also for files, so it is never truncated. */
function objectText ({ kind, name, text, verdict: { state, message } }: ExplainedObject): string {
  const verdictText = VERDICTS[state] + (message === undefined ? '' : `: ${message}`)
  return (
    lines(`# ${kind} ${name}. ${verdictText}`) +
    (text === undefined ? '' : `---\n${text.split('\n').map(escapeControls).join('\n')}`)
  )
}

function waitText ({ reason, message }: NonNullable<ClientExplanation['expectedWait']>): string {
  return reason === undefined ? message : `${reason}: ${message}`
}

const ACCEPTED = {
  starts: 'accepted',
  waits: 'accepted, but it cannot start now',
  unknown: 'accepted, but whether it can start is not known'
} as const

const VERDICTS: Readonly<Record<ExplainedObject['verdict']['state'], string>> = {
  accepted: 'The API server would accept it.',
  refused: 'The API server would reject it',
  waits: 'The API server would not accept it now',
  unknown: 'The API server could not be asked'
}

/** The default of a conf key has no place. */
function keyAndPlace (set: { readonly key: string, readonly file?: string, readonly line?: number }): string {
  const place = placeOf(set)
  return place === '' ? set.key : `${set.key}, ${place}`
}

function amount (value: number | undefined): string {
  return value === undefined ? '-' : String(value)
}

function lines (...texts: string[]): string {
  return texts.map(text => `${escapeControls(text)}\n`).join('')
}
