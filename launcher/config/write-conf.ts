// Writes rendered conf files into their folder, and keeps copies of files that were edited by hand.

import { join } from 'node:path'
import { LauncherError, systemCode } from '../errors.ts'
import { atomicWrite, removeTemporaries } from '../lib/atomic-write.ts'
import { readRegularFile, whyUnreadable } from '../lib/read-regular-file.ts'
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

/** A conf file that an operator had edited or written, and that rendering replaced. */
export interface ReplacedFile {
  readonly path: string
  /** The operator's version of the file. The launcher does not read it. */
  readonly copy: string
  /** Whether this launcher had rendered the file before it was edited. */
  readonly wasRendered: boolean
}

/**
 * Does not touch a file that already has its text. First copies a file to NAME.edited if it was edited since it was
 * rendered, or was not rendered by this launcher. Resolves with these files. Rejects with FolderNotWritable.
 */
export async function writeConf (conf: ConfToWrite): Promise<ReplacedFile[]> {
  const { configDir, scratchPath, instance } = conf
  try {
    const marker = await readMarker(configDir)
    const replaced: ReplacedFile[] = []
    const files: Record<string, string> = {}
    for (const [name, text] of conf.files) {
      files[name] = digest(text)
      replaced.push(...await writeOne(join(configDir, name), text, marker?.files[name]))
    }
    await writeMarker(configDir, { scratchPath, instance, files }, FILE_MODE)
    return replaced
  } catch (error) {
    if (error instanceof LauncherError) throw error
    throw new LauncherError('FolderNotWritable',
      `${settingName('ConfigDir')} ${configDir} cannot be written (${whyUnreadable(error)})`,
      { setting: settingName('ConfigDir'), path: configDir }, { cause: error })
  }
}

async function writeOne (path: string, text: string, renderedDigest: string | undefined): Promise<ReplacedFile[]> {
  await removeTemporaries(path)
  await removeTemporaries(editedCopyOf(path))
  const present = await readBytes(path)
  if (present !== undefined && present.equals(Buffer.from(text))) return []
  const isUnedited = present === undefined || digest(present) === renderedDigest
  if (!isUnedited) await atomicWrite(editedCopyOf(path), present, FILE_MODE)
  await atomicWrite(path, text, FILE_MODE)
  if (isUnedited) return []
  return [{ path, copy: editedCopyOf(path), wasRendered: renderedDigest !== undefined }]
}

/** Describes the replaced file to the operator. */
export function replacedSentence ({ path, copy, wasRendered }: ReplacedFile): string {
  const what = wasRendered ? 'was edited since it was rendered' : 'was not rendered by this launcher'
  return `${path} ${what}; it is kept as ${copy} and not used`
}

function editedCopyOf (path: string): string {
  return `${path}.edited`
}

async function readBytes (path: string): Promise<Buffer | undefined> {
  try {
    return await readRegularFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
