// Finds the account that a job runs as, and how to switch to it.

import { accessSync, constants } from 'node:fs'
import { LauncherError } from '../../launcher/errors.ts'
import { lookUpUser, ownUserName, type UserAccount } from '../../launcher/lib/users.ts'

export interface Accounts {
  /** Throws UserNotFound or UserNotPossible. */
  accountOf (user: string): Promise<UserAccount>
  /** How to switch to the account. Undefined if the launcher already runs as it. */
  switchTo <A extends { uid: number }> (account: A): { account: A, setpriv: string } | undefined
}

const SETPRIV_PATHS = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv', '/sbin/setpriv']

export function createAccounts (): Accounts {
  const ownUid = process.getuid!()
  const setpriv = SETPRIV_PATHS.find(isExecutable)

  return {
    async accountOf (user) {
      const account = (await lookUpUser(user)) ?? ownAccountWithoutName(user)
      if (account === undefined) {
        throw new LauncherError('UserNotFound', `There is no user ${user} on this machine.`, { field: 'user', user })
      }
      if (account.uid === ownUid) return account
      if (ownUid !== 0) {
        throw new LauncherError(
          'UserNotPossible',
          `The launcher runs as ${ownUserName()}, not as root, so it cannot run jobs as ${user}.`,
          { field: 'user', user }
        )
      }
      if (setpriv === undefined) {
        throw new LauncherError(
          'UserNotPossible',
          `Jobs cannot run as ${user} because setpriv (of util-linux) is not installed.`,
          { field: 'user', user }
        )
      }
      return account
    },
    switchTo (account) {
      return account.uid === ownUid ? undefined : { account, setpriv: setpriv! }
    }
  }
}

/** In some containers the launcher runs as a user id without a name. */
function ownAccountWithoutName (user: string): UserAccount | undefined {
  const uid = process.getuid!()
  if (user !== String(uid) || user !== ownUserName()) return undefined
  const groups = process.getgroups!()
  return {
    name: user,
    uid,
    gid: process.getgid!(),
    groups,
    groupNames: groups.map(String),
    home: '/',
    shell: '/bin/sh'
  }
}

function isExecutable (path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
