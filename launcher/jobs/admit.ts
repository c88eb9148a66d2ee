// Decides whether a submission may become a job, of which user and on which cluster. Submissions and explanations both
// use this decision.

import { invalidJob, LauncherError } from '../errors.ts'
import { collectRefusals, type Refusals } from '../plugin-kit/refusals.ts'
import { findVariable, isPassedOn } from '../plugin-kit/shell-variables.ts'
import { turnForLarge } from '../lib/turn-for-large.ts'
import { checkReadyPorts } from './check-ready-ports.ts'
import type { Cluster } from './cluster.ts'
import { configuredCluster } from './known-clusters.ts'
import { expectedSlotWait, explainStart, type ExplainedStart } from './explain-start.ts'
import type { Decision, Explanation, Subject } from '../plugin.ts'
import type { JobSubmission } from '../model/job.ts'

/** What the core knows of the requester and of the machine. */
export interface AdmissionContext {
  clusters: ReadonlyMap<string, Cluster>
  /** The user who submits; undefined is the host itself. */
  requester: { user: string | undefined, groups?: readonly string[], admin: boolean }
  /** User of a job that names no user. */
  defaultUser: string
  /** Largest metadata of a job, as JSON. */
  maxMetadataBytes: number
  /** Groups of a user of this machine. */
  groupsOf (user: string): Promise<readonly string[]>
}

/** The user and groups of the job, and its cluster. */
interface Placement {
  user: string
  groups: readonly string[]
  cluster: Cluster
}

/** A decision about a submission, with the user and the cluster that it is for. */
export interface PlacedDecision extends Placement, Decision {
  /** When the job would start. Only if an explanation was requested. */
  readonly start?: ExplainedStart
}

/**
 * Changes nothing. With `explain` the cluster decides, and explains, even if the core refuses the job; without it the
 * first refusal is enough. Rejects with Forbidden, ClusterNotFound or ClusterNotAllowed if there is nothing to decide.
 */
export async function decide (
  submission: JobSubmission,
  context: AdmissionContext,
  { explain }: { explain: boolean }
): Promise<PlacedDecision> {
  const { cluster, ...subject } = await place(submission, context)
  const refusals = collectRefusals()
  checkJob(submission, cluster, refusals)
  await refusals.duringAsync(() => checkMetadata(submission, context.maxMetadataBytes))
  if (!explain && refusals.all.length > 0) return { ...subject, cluster, refusals: refusals.all }
  const { admitted, explanation, ...decision } = await cluster.plugin.decide(submission, subject, { explain })
  return {
    ...decision,
    ...subject,
    cluster,
    ...(explain && {
      explanation: withSlotWait(explanation ?? { limits: [] }, subject, cluster),
      start: explainStart(submission, subject, cluster)
    }),
    ...(admitted !== undefined && refusals.all.length === 0 && { admitted }),
    refusals: [...refusals.all, ...decision.refusals]
  }
}

/** What the cluster itself would let the job wait for comes first. */
function withSlotWait (explanation: Explanation, subject: Subject, cluster: Cluster): Explanation {
  const expectedWait = explanation.expectedWait ?? expectedSlotWait(subject, cluster)
  return { ...explanation, ...(expectedWait && { expectedWait }) }
}

async function place (submission: JobSubmission, context: AdmissionContext): Promise<Placement> {
  const user = jobUser(submission, context)
  const cluster = chosenCluster(submission, context.clusters)
  const groups = await groupsFor(user, context)
  checkGroups({ user, groups }, cluster)
  return { user, groups, cluster }
}

/** Refuses what makes no sense on any cluster, or not on this one. */
function checkJob (submission: JobSubmission, cluster: Cluster, refusals: Refusals): void {
  refusals.during(() => checkProgram(submission))
  refusals.during(() => checkOnce(submission))
  refusals.during(() => checkReadyPorts(submission))
  refusals.during(() => checkPassedOn(submission))
  refusals.during(() => checkFields(submission, cluster))
}

/**
 * Returns the groups of a user. Groups that the request names belong to the user that it acts for or, if it acts for
 * no user, to the user that it names.
 */
export async function groupsFor (
  user: string,
  { requester, groupsOf }: Pick<AdmissionContext, 'requester' | 'groupsOf'>
): Promise<readonly string[]> {
  const theirs = requester.user === undefined || requester.user === user
  return (theirs ? requester.groups : undefined) ?? await groupsOf(user)
}

function checkProgram ({ command, exe, container, args }: JobSubmission): void {
  if (command !== undefined && exe !== undefined) {
    throw invalidJob('command', 'command and exe are both given; a job has one of them.', {
      fields: ['command', 'exe']
    })
  }
  if (command === undefined && exe === undefined && (container === undefined || args !== undefined)) {
    throw invalidJob('exe', 'exe and command are both missing; a job needs one of them.', {
      fields: ['command', 'exe']
    })
  }
}

async function checkMetadata ({ metadata }: JobSubmission, maxBytes: number): Promise<void> {
  if (metadata === undefined) return
  const text = JSON.stringify(metadata)
  await turnForLarge(text.length)
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxBytes) return
  throw invalidJob(
    'metadata',
    `metadata has ${bytes} bytes as JSON; the limit is ${maxBytes} (max-metadata-size, Launcher.MaxMetadataSize).`,
    { maxMetadataBytes: maxBytes }
  )
}

function checkOnce ({ environment = [], secrets = [], resourceLimits = [] }: JobSubmission): void {
  const repeatedLimit = repeated(resourceLimits.map(({ type }) => type))
  if (repeatedLimit !== undefined) throw invalidJob('resourceLimits', `The limit ${repeatedLimit} is given twice.`)
  const repeatedName = repeated([...environment, ...secrets].map(({ name }) => name))
  if (repeatedName !== undefined) {
    throw invalidJob('environment', `The variable ${repeatedName} is given twice in environment and secrets.`)
  }
}

/** The shell that runs a command drops variables without a word. */
function checkPassedOn (submission: JobSubmission): void {
  if (submission.command === undefined) return
  const dropped = findVariable(submission, name => !isPassedOn(name))
  if (dropped === undefined) return
  const { field, name } = dropped
  throw invalidJob(
    field,
    `${field} is ${name}, which the shell that runs command does not pass on: it keeps names of letters, digits and ` +
    '_ that it does not set itself. Use another name, or name the program in exe.'
  )
}

function jobUser (submission: JobSubmission, { requester, defaultUser }: AdmissionContext): string {
  const user = submission.user ?? requester.user ?? defaultUser
  if (!requester.admin && user !== requester.user) {
    throw new LauncherError('Forbidden', `${requester.user} may not submit jobs of ${user}.`, { field: 'user' })
  }
  return user
}

function chosenCluster (submission: JobSubmission, clusters: ReadonlyMap<string, Cluster>): Cluster {
  const { cluster = clusters.keys().next().value! } = submission
  return configuredCluster(cluster, clusters, { field: 'cluster' })
}

function checkGroups ({ user, groups }: Subject, cluster: Cluster): void {
  const { allowedGroups } = cluster.config
  if (allowedGroups.length === 0) return
  if (!allowedGroups.some((group: string) => groups.includes(group))) {
    throw new LauncherError(
      'ClusterNotAllowed',
      `${user} is in none of the groups that may use the cluster ${cluster.name}.`,
      { cluster: cluster.name }
    )
  }
}

function checkFields (submission: JobSubmission, cluster: Cluster): void {
  const { unsupportedFields } = cluster.plugin.capabilities
  const field = unsupportedFields.find(field => submission[field] !== undefined)
  if (field !== undefined) {
    throw new LauncherError('NotSupportedByCluster', `The cluster ${cluster.name} cannot honour the field ${field}.`, {
      field,
      cluster: cluster.name
    })
  }
}

function repeated (names: string[]): string | undefined {
  const seen = new Set<string>()
  return names.find(name => seen.size === seen.add(name).size)
}
