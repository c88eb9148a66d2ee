// Makes the scratch path ready: there, private, and the host's user's, whose socket is in it.

import { chmod, chown } from 'node:fs/promises'
import { settingName } from '../config/settings.ts'
import { writableFolder } from '../config/writable-folder.ts'
import { LauncherError } from '../errors.ts'
import { lookUpUser, type UserAccount } from '../lib/users.ts'

const MODE = 0o700

/** The account of server-user when the launcher may give files to it, that is, as root. Throws UserNotFound. */
export async function socketOwner (serverUser: string | undefined): Promise<UserAccount | undefined> {
  if (serverUser === undefined || process.getuid?.() !== 0) return undefined
  const account = await lookUpUser(serverUser)
  if (account === undefined) throw new LauncherError('UserNotFound', `There is no user ${serverUser} (Launcher.ServerUser).`)
  return account
}

/** Creates the folder for the launcher alone, or takes it from all others. Throws FolderNotWritable. */
export async function makeScratchPath (scratchPath: string): Promise<void> {
  await writableFolder(scratchPath, settingName('ScratchPath'), MODE)
  await orRefuse(scratchPath, () => chmod(scratchPath, MODE))
}

/** Gives the folder to the host's user. Throws FolderNotWritable. */
export async function giveScratchPath (scratchPath: string, owner: { uid: number, gid: number } | undefined): Promise<void> {
  if (owner !== undefined) await orRefuse(scratchPath, () => chown(scratchPath, owner.uid, owner.gid))
}

async function orRefuse (scratchPath: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new LauncherError('FolderNotWritable', `The scratch path ${scratchPath} (Launcher.ScratchPath) cannot be used: ${(error as Error).message}.`, { scratchPath }, { cause: error })
  }
}
