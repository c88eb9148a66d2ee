// Distinguishes a scratch path from a copy. A copy has the jobs and the instance id of the original: a launcher on it
// would treat the original's jobs as its own.

import { realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { findInstanceId } from '../config/instance-id.ts'
import { readText } from '../config/read-text.ts'
import { LauncherError } from '../errors.ts'
import { atomicWrite } from '../lib/atomic-write.ts'
import { folderIdentity } from '../lib/folder-identity.ts'
import { parseObject } from '../lib/parse-json.ts'

const FILE = 'place.json'

/** The place where a launcher last used the folder. */
export interface Place {
  /** Real path of the scratch path. */
  readonly path: string
  /** Identity of the folder, which a copy does not have. */
  readonly folder: string
  readonly host: string
}

/** Returns the present place of a folder. */
export function placeOf (scratchPath: string): Place {
  const path = realpathSync(scratchPath)
  return { path, folder: folderIdentity(path), host: hostname() }
}

/**
 * Resolves with the place of the original if the folder is a copy, and with undefined otherwise. Rejects with
 * ScratchPathCopied if the original still exists.
 */
export async function originalPlace (scratchPath: string): Promise<Place | undefined> {
  const recorded = await readPlace(scratchPath)
  const here = placeOf(scratchPath)
  if (recorded === undefined || recorded.folder === here.folder) return undefined
  const instance = await findInstanceId(scratchPath)
  if (recorded.path !== here.path && instance !== undefined && await isOriginal(recorded, instance)) {
    throw new LauncherError(
      'ScratchPathCopied',
      `The scratch path ${here.path} is a copy of ${recorded.path}, which still exists. Both have the instance id ` +
      `${instance}, so a launcher here would treat the other's jobs as its own.`,
      { scratchPath: here.path, original: recorded.path }
    )
  }
  return recorded
}

/** Records that a launcher uses the folder in its present place. */
export async function recordPlace (scratchPath: string): Promise<void> {
  const place = placeOf(scratchPath)
  const text = `${JSON.stringify(place)}\n`
  const file = join(scratchPath, FILE)
  if (await readText(file) !== text) await atomicWrite(file, text, 0o600)
}

async function readPlace (scratchPath: string): Promise<Place | undefined> {
  const { path, folder, host } = parseObject(await readText(join(scratchPath, FILE)) ?? '') ?? {}
  return typeof path === 'string' && typeof folder === 'string' && typeof host === 'string'
    ? { path, folder, host }
    : undefined
}

async function isOriginal ({ path, folder }: Place, instance: string): Promise<boolean> {
  const exists = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return exists && folderIdentity(path) === folder && await findInstanceId(path) === instance
}
