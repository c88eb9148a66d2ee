// Prepares the scratch path: creates it, makes it private, and gives it to the host's user, who uses the socket in it.

import { chmod, chown, stat } from 'node:fs/promises'
import { settingName } from '../config/settings.ts'
import { writableFolder } from '../config/writable-folder.ts'
import { LauncherError, isLauncherError } from '../errors.ts'
import { lookUpUser, type UserAccount } from '../lib/users.ts'

const MODE = 0o700
const STICKY = 0o1000

/** Returns the account of server-user if the launcher runs as root and can give files to it. Throws UserNotFound. */
export async function socketOwner (serverUser: string | undefined): Promise<UserAccount | undefined> {
  if (serverUser === undefined || process.getuid?.() !== 0) return undefined
  const account = await lookUpUser(serverUser)
  if (account === undefined) {
    throw new LauncherError('UserNotFound', `There is no user ${serverUser} (Launcher.ServerUser).`)
  }
  return account
}

/**
 * Creates the folder with access for the launcher only, or removes the access of others. Rejects with
 * FolderNotWritable, including for a folder whose content may come from others, and with UserNotFound.
 */
export async function createScratchPath (scratchPath: string, serverUser?: string): Promise<void> {
  const owner = await socketOwner(serverUser)
  await writableFolder(scratchPath, settingName('ScratchPath'), MODE)
  await orNotWritable(scratchPath, async () => {
    const untrusted = whyUntrusted(await stat(scratchPath), [
      0,
      process.getuid!(),
      ...(owner === undefined ? [] : [owner.uid])
    ])
    if (untrusted !== undefined) {
      throw new LauncherError(
        'FolderNotWritable',
        `The scratch path ${scratchPath} (Launcher.ScratchPath) ${untrusted}.`,
        { scratchPath }
      )
    }
    await chmod(scratchPath, MODE)
  })
}

/** Returns why another user may have put content into a folder; undefined if only `owners` could. Pure. */
export function whyUntrusted (
  { uid, mode }: { uid: number; mode: number },
  owners: readonly number[]
): string | undefined {
  if (!owners.includes(uid)) {
    return `belongs to user id ${uid}, which could have put files and links into it; change its owner (chown) to the ` +
      'launcher\'s user or server-user'
  }
  if ((mode & STICKY) !== 0) return 'is a folder that users share; use a folder inside it'
  return undefined
}

/** Gives the folder to the host's user. Throws FolderNotWritable. */
export async function giveScratchPath (
  scratchPath: string,
  owner: { uid: number; gid: number } | undefined
): Promise<void> {
  if (owner !== undefined) await orNotWritable(scratchPath, () => chown(scratchPath, owner.uid, owner.gid))
}

async function orNotWritable (scratchPath: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isLauncherError(error)) throw error
    throw new LauncherError(
      'FolderNotWritable',
      `The scratch path ${scratchPath} (Launcher.ScratchPath) cannot be used: ${(error as Error).message}.`,
      { scratchPath },
      { cause: error }
    )
  }
}
