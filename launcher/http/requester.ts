// Finds out who a request acts for: it proves itself by the socket or the key, and names a user in X-Launcher-User and,
// where the host may, his groups in X-Launcher-Groups.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Value } from 'typebox/value'
import { LauncherError } from '../errors.ts'
import { GroupName, UserName, type Job } from '../model/job.ts'

/** Who a request acts for. Without a user it is the host itself, which may do everything. */
export interface Requester {
  user: string | undefined
  /** Groups that the request names; without them this machine is asked for the user's. */
  groups?: readonly string[]
  admin: boolean
}

export interface AuthenticationPolicy {
  /** Key that a request must carry; undefined on a Unix socket, whose mode is the proof. */
  key: string | undefined
  /** Off: every user sees and controls every job. */
  authorizationEnabled: boolean
  adminGroup: string | undefined
  /** Whether X-Launcher-Groups counts. */
  groupsFromRequest: boolean
  groupsOf (user: string): Promise<readonly string[]>
}

/** Throws Unauthorized, UserRequired or InvalidRequest. */
export async function requesterOf (request: FastifyRequest, policy: AuthenticationPolicy): Promise<Requester> {
  if (policy.key !== undefined) checkKey(request.headers.authorization, policy.key)
  const user = request.headers['x-launcher-user']
  const groups = namedGroups(request.headers['x-launcher-groups'], policy)
  const named = groups === undefined ? {} : { groups }
  if (user === undefined) return { user: undefined, ...named, admin: true }
  if (typeof user !== 'string' || !Value.Check(UserName, user)) {
    throw new LauncherError('UserRequired', 'The header X-Launcher-User does not hold one user name.', {
      field: 'x-launcher-user',
      in: 'header'
    })
  }
  return { user, ...named, admin: await isAdmin(user, groups, policy) }
}

/** The job, if the requester may see it; otherwise it does not exist for him. */
export function visibleJob (job: Job | undefined, id: string, { user, admin }: Requester): Job {
  if (job === undefined || (!admin && job.user !== user)) {
    throw new LauncherError('JobNotFound', `There is no job ${id}.`)
  }
  return job
}

/** Names with commas between them; an empty header names no group, so that the user is in none. */
function namedGroups (
  header: string | string[] | undefined,
  { groupsFromRequest }: AuthenticationPolicy
): string[] | undefined {
  if (header === undefined) return undefined
  if (!groupsFromRequest) {
    throw invalidGroups(
      'is not taken from requests here; set groups-from-request in launcher.conf (Launcher.GroupsFromRequest), or ' +
      'leave it out'
    )
  }
  const groups = String(header)
    .split(',')
    .map(group => group.trim())
    .filter(group => group !== '')
  const wrong = groups.find(group => !Value.Check(GroupName, group))
  if (wrong !== undefined) throw invalidGroups(`has what is not a group's name: ${JSON.stringify(wrong)}`)
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

function checkKey (authorization: string | undefined, key: string): void {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (given === undefined || !timingSafeEqual(digest(given), digest(key))) {
    throw new LauncherError(
      'Unauthorized',
      given === undefined ? 'The request carries no key.' : 'The key of the request is wrong.'
    )
  }
}

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
