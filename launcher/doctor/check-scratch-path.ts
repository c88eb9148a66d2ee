// Checks the scratch path for `job-launcher doctor`, without creating it.

import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { liveHolder } from '../daemon/scratch-path-holder.ts'
import { ERRORS, systemCode } from '../errors.ts'
import { ownUserName } from '../lib/users.ts'
import type { Finding } from '../plugin.ts'
import { scratchPathFindings, type ScratchPathFacts } from './scratch-path-findings.ts'

/** `serverUid` is the user id of server-user, which becomes the owner if the launcher runs as root. */
export async function checkScratchPath (path: string, serverUid: number | undefined): Promise<Finding> {
  try {
    return scratchPathFindings(await factsOf(path, serverUid))
  } catch (error) {
    return {
      check: 'scratch-path',
      state: 'missing',
      message: `The scratch path ${path} cannot be checked (${systemCode(error) ?? String(error)}).`,
      help: ERRORS.FolderNotWritable.help
    }
  }
}

async function factsOf (path: string, serverUid: number | undefined): Promise<ScratchPathFacts> {
  const nearest = await nearestExisting(path)
  const { uid, mode, isFolder } = nearest
  const { bavail, bsize } = await statfs(nearest.path)
  const pid = liveHolder(path)
  return {
    path,
    nearest: nearest.path,
    isFolder,
    writable: await isWritable(nearest.path),
    uid,
    mode,
    freeBytes: bavail * bsize,
    ownUid: process.getuid!(),
    ownName: ownUserName(),
    ...(serverUid !== undefined && { serverUid }),
    ...(pid !== undefined && { pid })
  }
}

/** Returns the path itself, or the nearest folder above it that exists. */
async function nearestExisting (
  path: string
): Promise<{ path: string, uid: number, mode: number, isFolder: boolean }> {
  try {
    const found = await stat(path)
    return { path, uid: found.uid, mode: found.mode & 0o7777, isFolder: found.isDirectory() }
  } catch (error) {
    const code = systemCode(error)
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || path === dirname(path)) throw error
    return await nearestExisting(dirname(path))
  }
}

async function isWritable (path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
