// Makes the scratch path ready: there, private, and the host's user's, whose socket is in it.

import { chmod, chown, stat } from 'node:fs/promises'
import { settingName } from '../config/settings.ts'
import { writableFolder } from '../config/writable-folder.ts'
import { LauncherError, isLauncherError } from '../errors.ts'
import { lookUpUser, type UserAccount } from '../lib/users.ts'

const MODE = 0o700
const STICKY = 0o1000

/** The account of server-user when the launcher may give files to it, that is, as root. Throws UserNotFound. */
export async function socketOwner (serverUser: string | undefined): Promise<UserAccount | undefined> {
  if (serverUser === undefined || process.getuid?.() !== 0) return undefined
  const account = await lookUpUser(serverUser)
  if (account === undefined) {
    throw new LauncherError('UserNotFound', `There is no user ${serverUser} (Launcher.ServerUser).`)
  }
  return account
}

/**
 * Creates the folder for the launcher alone, or takes it from all others. Throws FolderNotWritable, also for a folder
 * that others may have prepared, and UserNotFound.
 */
export async function createScratchPath (scratchPath: string, serverUser?: string): Promise<void> {
  const owner = await socketOwner(serverUser)
  await writableFolder(scratchPath, settingName('ScratchPath'), MODE)
  await orRefuse(scratchPath, async () => {
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

/** Why what is in a folder may be somebody else's doing; undefined when only its `owners` could put it there. Pure. */
export function whyUntrusted (
  { uid, mode }: { uid: number; mode: number },
  owners: readonly number[]
): string | undefined {
  if (!owners.includes(uid)) {
    return `belongs to user id ${uid}, who could have put files and links into it; make it the launcher's own or ` +
      'server-user\'s (chown)'
  }
  if ((mode & STICKY) !== 0) return 'is a folder that users share; name a folder in it'
  return undefined
}

/** Gives the folder to the host's user. Throws FolderNotWritable. */
export async function giveScratchPath (
  scratchPath: string,
  owner: { uid: number; gid: number } | undefined
): Promise<void> {
  if (owner !== undefined) await orRefuse(scratchPath, () => chown(scratchPath, owner.uid, owner.gid))
}

async function orRefuse (scratchPath: string, work: () => Promise<void>): Promise<void> {
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
