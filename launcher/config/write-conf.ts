// Writes rendered conf files into their folder, and keeps copies of files that were edited by hand.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LauncherError, systemCode } from '../errors.ts'
import { atomicWrite, removeTemporaries } from '../lib/atomic-write.ts'
import { digest, readMarker, writeMarker } from './marker.ts'
import { settingName } from './settings.ts'

const FILE_MODE = 0o640

export interface ConfToWrite {
  /** The folder; it exists. */
  readonly configDir: string
  readonly scratchPath: string
  /** Id of the launcher instance. */
  readonly instance: string
  /** Text by file name. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * Does not touch a file that already has its text. First copies a file to NAME.edited if it was edited since it was
 * rendered, or was not rendered by this launcher. Resolves with a warning for each. Rejects with FolderNotWritable.
 */
export async function writeConf (conf: ConfToWrite): Promise<string[]> {
  const { configDir, scratchPath, instance } = conf
  try {
    const marker = await readMarker(configDir)
    const warnings: string[] = []
    const files: Record<string, string> = {}
    for (const [name, text] of conf.files) {
      files[name] = digest(text)
      warnings.push(...await writeOne(join(configDir, name), text, marker?.files[name]))
    }
    await writeMarker(configDir, { scratchPath, instance, files }, FILE_MODE)
    return warnings
  } catch (error) {
    if (error instanceof LauncherError) throw error
    throw new LauncherError('FolderNotWritable',
      `${settingName('ConfigDir')} ${configDir} cannot be written (${systemCode(error) ?? String(error)})`,
      { setting: settingName('ConfigDir'), path: configDir }, { cause: error })
  }
}

async function writeOne (path: string, text: string, renderedDigest: string | undefined): Promise<string[]> {
  await removeTemporaries(path)
  await removeTemporaries(editedCopyOf(path))
  const present = await readBytes(path)
  if (present !== undefined && present.equals(Buffer.from(text))) return []
  const isUnedited = present === undefined || digest(present) === renderedDigest
  if (!isUnedited) await atomicWrite(editedCopyOf(path), present, FILE_MODE)
  await atomicWrite(path, text, FILE_MODE)
  if (isUnedited) return []
  const what = renderedDigest === undefined ? 'was not rendered by this launcher' : 'was edited since it was rendered'
  return [`${path} ${what}; it is kept as ${editedCopyOf(path)} and not used`]
}

function editedCopyOf (path: string): string {
  return `${path}.edited`
}

async function readBytes (path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
