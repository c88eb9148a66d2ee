// Spawns the supervisor of a job: a shell in a session of its own, which outlives the launcher.

import { fileURLToPath } from 'node:url'
import type { JobCgroup } from './cgroup.ts'
import type { Account } from './job-folder.ts'
import type { Spawned, Spawner } from './spawner.ts'

const SCRIPT = fileURLToPath(new URL('./supervise.sh', import.meta.url))

export interface Supervision {
  readonly id: string
  readonly folder: string
  readonly bootId: string
  readonly cgroup: JobCgroup | undefined
  /** The program runs as this user, through `setpriv`. Undefined if that is the launcher's own user. */
  readonly otherUser: { readonly account: Account, readonly setpriv: string } | undefined
}

/**
 * Rejects with the system's error if no process can be created. The supervisor's environment is empty, so that nothing
 * of the job reaches a shell that may run as root.
 */
export async function spawnSupervisor (spawner: Spawner, supervision: Supervision): Promise<Spawned> {
  return await spawner.start('/bin/sh', supervisorArguments(supervision, Date.now()), supervision.folder)
}

export function supervisorArguments ({ id, bootId, cgroup, otherUser }: Supervision, now: number): string[] {
  return [
    SCRIPT, id, bootId, String(now), cgroup?.eventsFile ?? '-', ...cgroup?.procsFiles ?? [], '--',
    ...becomeCommand(otherUser)
  ]
}

/** Returns program and arguments that run a command as the account. Empty if that is the launcher's own user. */
export function becomeCommand (otherUser: Supervision['otherUser']): string[] {
  if (otherUser === undefined) return []
  const { setpriv, account: { uid, gid, groups } } = otherUser
  const supplementary = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, supplementary, '--']
}
