// Looks up users of this machine through its name service: files, LDAP, Active Directory.

import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Runs the machine's own `getent` and `id`, independent of the launcher's PATH. */
const SYSTEM_PROGRAMS = { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } } as const
const CACHE_MS = 60_000
const MAX_CACHED = 1000

export interface UserAccount {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Ids of all groups, including the primary group. */
  readonly groups: readonly number[]
  readonly groupNames: readonly string[]
  readonly home: string
  readonly shell: string
}

const cache = new Map<string, { at: number, account: Promise<UserAccount | undefined> }>()

/**
 * Resolves with undefined if the user does not exist. Users are cached for a minute; a missing user is looked up again
 * each time.
 */
export function lookUpUser (name: string): Promise<UserAccount | undefined> {
  const known = cache.get(name)
  if (known !== undefined && performance.now() - known.at < CACHE_MS) return known.account
  const account = queryUser(name)
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!)
  cache.set(name, { at: performance.now(), account })
  const forget = (): void => { if (cache.get(name)?.account === account) cache.delete(name) }
  account.then(found => { if (found === undefined) forget() }, forget)
  return account
}

/** Returns the name of the user that runs this process, or its id if it has no name, as in some containers. */
export function ownUserName (): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid!())
  }
}

async function queryUser (name: string): Promise<UserAccount | undefined> {
  if (name === '' || name.startsWith('-') || name.includes('\0')) return undefined
  const entry = (await getent('passwd', [name]))[0]
  if (entry === undefined) return undefined
  const [known, , uid, gid, , home, shell] = entry
  // getent interprets a number as a user id.
  if (/^\d+$/.test(name) && known !== name) return undefined
  const { stdout } = await run('id', ['-G', known!], SYSTEM_PROGRAMS)
  const groups = stdout.trim().split(/\s+/).map(Number)
  const groupNames = (await getent('group', groups.map(String))).map(([group]) => group!)
  return {
    name: known!,
    uid: Number(uid),
    gid: Number(gid),
    groups,
    groupNames,
    home: home || '/',
    shell: shell || '/bin/sh'
  }
}

/** Returns the entries found, split into fields. */
async function getent (database: string, keys: string[]): Promise<string[][]> {
  const stdout = await run('getent', [database, ...keys], SYSTEM_PROGRAMS).then(done => done.stdout, error => {
    if (error.code === 2) return String(error.stdout)
    throw error
  })
  return stdout.split('\n').filter(line => line !== '').map(line => line.split(':'))
}
