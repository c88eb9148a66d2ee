// The marker that a launcher writes into the folder of its rendered files. It contains the launcher's id and scratch
// path, and the digest of each file.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import { atomicWrite, removeTemporaries } from '../lib/atomic-write.ts'
import { checker } from '../lib/check.ts'
import { findInstanceId } from './instance-id.ts'
import { readText } from './read-text.ts'
import { settingName } from './settings.ts'

const FILE = '.job-launcher.json'

const Marker = Type.Object({
  scratchPath: Type.String(),
  instance: Type.String(),
  /** SHA-256 of each file as it was rendered, by name. */
  files: Type.Record(Type.String(), Type.String())
})
export type Marker = Static<typeof Marker>

export function digest (content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Resolves with undefined if the marker is missing or invalid. The files then count as not rendered by a launcher. */
export async function readMarker (configDir: string): Promise<Marker | undefined> {
  const text = await readText(join(configDir, FILE))
  if (text === undefined) return undefined
  try {
    return checker(Marker)(JSON.parse(text)).value
  } catch {
    return undefined
  }
}

/** Does not touch the file if the marker has not changed. */
export async function writeMarker (configDir: string, marker: Marker, mode: number): Promise<void> {
  const path = join(configDir, FILE)
  const text = `${JSON.stringify(marker, undefined, 2)}\n`
  await removeTemporaries(path)
  if (await readText(path) !== text) await atomicWrite(path, text, mode)
}

/** Rejects with ConfigDirTaken if another launcher rendered the files and its scratch path still exists. */
export async function refuseTakenFolder (configDir: string, scratchPath: string): Promise<void> {
  const marker = await readMarker(configDir)
  if (marker === undefined || marker.scratchPath === scratchPath) return
  if (await findInstanceId(marker.scratchPath) !== marker.instance) return
  const path = join(configDir, FILE)
  throw new LauncherError('ConfigDirTaken',
    `The launcher with scratch path ${marker.scratchPath} rendered the files in ${settingName('ConfigDir')} ` +
    `${configDir}; ` +
      `set another ${settingName('ConfigDir')}, or delete ${path} to take the folder over`,
    {
      setting: settingName('ConfigDir'),
      configDir,
      scratchPath: marker.scratchPath,
      instance: marker.instance,
      marker: path
    }
  )
}
