// Finds out who a request acts for: it proves itself by the socket or the key, and names a user in X-Launcher-User.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Value } from 'typebox/value'
import { LauncherError } from '../errors.ts'
import { UserName, type Job } from '../jobs/job.ts'

/** Who a request acts for. Without a user it is the host itself, which may do everything. */
export interface Requester {
  user: string | undefined
  admin: boolean
}

export interface AuthenticationPolicy {
  /** Key that a request must carry; undefined on a Unix socket, whose mode is the proof. */
  key: string | undefined
  /** Off: every user sees and controls every job. */
  authorizationEnabled: boolean
  adminGroup: string | undefined
  groupsOf (user: string): Promise<readonly string[]>
}

/** Throws Unauthorized or UserRequired. */
export async function requesterOf (request: FastifyRequest, policy: AuthenticationPolicy): Promise<Requester> {
  if (policy.key !== undefined) checkKey(request.headers.authorization, policy.key)
  const user = request.headers['x-launcher-user']
  if (user === undefined) return { user: undefined, admin: true }
  if (typeof user !== 'string' || !Value.Check(UserName, user)) {
    throw new LauncherError('UserRequired', 'The header X-Launcher-User does not hold one user name.', { field: 'x-launcher-user', in: 'header' })
  }
  return { user, admin: await isAdmin(user, policy) }
}

/** The job, if the requester may see it; otherwise it does not exist for him. */
export function visibleJob (job: Job | undefined, id: string, { user, admin }: Requester): Job {
  if (job === undefined || (!admin && job.user !== user)) {
    throw new LauncherError('JobNotFound', `There is no job ${id}.`)
  }
  return job
}

async function isAdmin (user: string, { authorizationEnabled, adminGroup, groupsOf }: AuthenticationPolicy): Promise<boolean> {
  if (!authorizationEnabled) return true
  return adminGroup !== undefined && (await groupsOf(user)).includes(adminGroup)
}

function checkKey (authorization: string | undefined, key: string): void {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (given === undefined || !timingSafeEqual(digest(given), digest(key))) {
    throw new LauncherError('Unauthorized', given === undefined ? 'The request carries no key.' : 'The key of the request is wrong.')
  }
}

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
