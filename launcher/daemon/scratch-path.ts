// Makes the scratch path ready: there, private, and reachable for the host's user, whose socket is in it.

import { chmod, chown, mkdir } from 'node:fs/promises'
import { LauncherError } from '../errors.ts'
import { lookUpUser, type UserAccount } from '../lib/users.ts'

/** The account of server-user when the launcher may give files to it, that is, as root. Throws UserNotFound. */
export async function socketOwner (serverUser: string | undefined): Promise<UserAccount | undefined> {
  if (serverUser === undefined || process.getuid?.() !== 0) return undefined
  const account = await lookUpUser(serverUser)
  if (account === undefined) throw new LauncherError('UserNotFound', `There is no user ${serverUser} (Launcher.ServerUser).`)
  return account
}

/** Throws FolderNotWritable. */
export async function prepareScratchPath (scratchPath: string, owner: { uid: number, gid: number } | undefined): Promise<void> {
  try {
    await mkdir(scratchPath, { recursive: true, mode: 0o700 })
    await chmod(scratchPath, 0o700)
    if (owner !== undefined) await chown(scratchPath, owner.uid, owner.gid)
  } catch (error) {
    throw new LauncherError('FolderNotWritable', `The scratch path ${scratchPath} (Launcher.ScratchPath) cannot be used: ${(error as Error).message}.`, { scratchPath }, { cause: error })
  }
}
