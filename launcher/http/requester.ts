// Authenticates a request by the socket or the key, and determines the user that it acts for. X-Launcher-User names the
// user and X-Launcher-Groups, if the host is allowed to use it, the user's groups.

import { isUtf8 } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Value } from 'typebox/value'
import { LauncherError } from '../errors.ts'
import { adoptionIncomplete } from '../jobs/adopt.ts'
import { shownValue } from '../lib/shown-value.ts'
import { GroupName, NAME_FORM, UserName } from '../model/account-name.ts'
import type { Job } from '../model/job.ts'
import type { AcceptedKeys } from './accepted-keys.ts'

/** The calls that the key of monitoring can make. They change nothing, and show no job. */
export const MONITORING_PATHS = ['/health/live', '/health/ready', '/metrics', '/openapi.json']

/** The user that a request acts for. Without a user it acts for the host itself, which may do everything. */
export interface Requester {
  user: string | undefined
  /** Groups that the request names. Without them the user's groups on this machine apply. */
  groups?: readonly string[]
  admin: boolean
}

export interface AuthenticationPolicy {
  /** Keys of which a request must carry one. Undefined on a Unix socket, whose file mode controls access. */
  keys: Pick<AcceptedKeys, 'host' | 'monitoring'> | undefined
  /** If false, every user sees and controls every job. */
  authorizationEnabled: boolean
  adminGroup: string | undefined
  /** Whether X-Launcher-Groups is accepted. */
  groupsFromRequest: boolean
  groupsOf (user: string): Promise<readonly string[]>
}

/** Throws Unauthorized or MonitoringKey. */
export function authenticate (request: FastifyRequest, { keys }: AuthenticationPolicy): void {
  if (keys === undefined) return
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (given === undefined) throw new LauncherError('Unauthorized', 'The request has no key.')
  if (isOneOf(given, keys.host())) return
  if (!isOneOf(given, keys.monitoring())) throw new LauncherError('Unauthorized', 'The key of the request is wrong.')
  if (MONITORING_PATHS.includes(request.routeOptions.url ?? '')) return
  throw new LauncherError(
    'MonitoringKey', `The key of the request is that of monitoring, which reads only ${MONITORING_PATHS.join(', ')}.`
  )
}

/** Throws Unauthorized, MonitoringKey, UserRequired or InvalidRequest. */
export async function requesterOf (request: FastifyRequest, policy: AuthenticationPolicy): Promise<Requester> {
  authenticate(request, policy)
  const user = decodedHeader(request.headers['x-launcher-user'])
  const groups = namedGroups(decodedHeader(request.headers['x-launcher-groups']), policy)
  const named = groups === undefined ? {} : { groups }
  if (user === undefined) return { user: undefined, ...named, admin: true }
  if (typeof user !== 'string' || !Value.Check(UserName, user)) {
    const message = `The header X-Launcher-User is not one user name in UTF-8 (${NAME_FORM}).`
    throw new LauncherError('UserRequired', message, { field: 'x-launcher-user', in: 'header' })
  }
  return { user, ...named, admin: await isAdmin(user, groups, policy) }
}

/**
 * Returns the job if the requester may see it. Otherwise throws JobNotFound, as for a job that does not exist, or
 * AdoptionIncomplete if it may be a job of one of the clusters `notAdopted`.
 */
export function visibleJob (
  job: Job | undefined,
  id: string,
  requester: Requester,
  notAdopted: readonly string[]
): Job {
  if (job !== undefined && mayRead(job, requester)) return job
  if (notAdopted.length > 0) throw adoptionIncomplete(`Job ${id}`, notAdopted)
  throw new LauncherError('JobNotFound', `There is no job ${id}.`)
}

export function mayRead (job: Pick<Job, 'user'>, { user, admin }: Requester): boolean {
  return admin || job.user === user
}

/** Node reads each byte of a header as a character. For bytes that are not UTF-8, returns what is no name. */
function decodedHeader (header: string | string[] | undefined): string | string[] | undefined {
  if (typeof header !== 'string') return header
  const bytes = Buffer.from(header, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : '\0'
}

/** Parses names separated with commas. An empty header means that the user is in no group. */
function namedGroups (
  header: string | string[] | undefined,
  { groupsFromRequest }: AuthenticationPolicy
): string[] | undefined {
  if (header === undefined) return undefined
  if (!groupsFromRequest) {
    throw invalidGroups(
      'is not accepted here. Set groups-from-request in launcher.conf (Launcher.GroupsFromRequest), or omit the header'
    )
  }
  const groups = String(header)
    .split(',')
    .map(group => group.trim())
    .filter(group => group !== '')
  const invalid = groups.find(group => !Value.Check(GroupName, group))
  if (invalid !== undefined) {
    throw invalidGroups(`contains a name that is no group's (${NAME_FORM}): ${shownValue(invalid)}`)
  }
  return groups
}

function invalidGroups (problem: string): LauncherError {
  return new LauncherError('InvalidRequest', `The header X-Launcher-Groups ${problem}.`, {
    field: 'x-launcher-groups',
    in: 'header'
  })
}

async function isAdmin (
  user: string,
  named: readonly string[] | undefined,
  { authorizationEnabled, adminGroup, groupsOf }: AuthenticationPolicy
): Promise<boolean> {
  if (!authorizationEnabled) return true
  return adminGroup !== undefined && (named ?? await groupsOf(user)).includes(adminGroup)
}

function isOneOf (given: string, keys: readonly string[]): boolean {
  return keys.some(key => timingSafeEqual(digest(given), digest(key)))
}

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
