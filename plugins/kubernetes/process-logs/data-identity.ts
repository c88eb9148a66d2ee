// Recognizes the data of the host. When a mount is missing, the folder below it is there and can be written, but pods
// write elsewhere. So the launcher creates a file in its folder of the data, the marker, and a symbolic link in the
// scratch path that names it. The link is only read, and never followed.

import { randomBytes } from 'node:crypto'
import { dirname, join, relative } from 'node:path'
import { RetryableError } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { FormerFolders } from './former-folders.ts'
import { linkTarget, setLink } from './link-target.ts'
import type { LogFiles } from './log-files.ts'
import type { LogFolderProblem } from './log-folder-problem.ts'

export const MARKER_PREFIX = '.data-'
const RANDOM_BYTES = 8
const NOT_MOUNTED = 'DataNotMounted'

/** The data is not the one that the launcher used before. */
export class OtherDataError extends RetryableError {
  readonly problem: LogFolderProblem

  constructor (problem: LogFolderProblem) {
    super(`${problem.message} ${problem.help}`, { reason: NOT_MOUNTED })
    this.name = 'OtherDataError'
    this.problem = problem
  }
}

/** The link of the cluster's data in the scratch path. */
export function dataLink (scratchPath: string, cluster: string): string {
  return join(scratchPath, 'process-logs', cluster)
}

interface DataIdentityOptions {
  readonly files: Pick<LogFiles, 'exists' | 'list' | 'mark'>
  readonly dataPath: string
  /** The launcher's own folder of process logs, relative to the data. */
  readonly parent: string
  /** The path of the link. */
  readonly link: string
  readonly former: Pick<FormerFolders, 'note'>
}

/**
 * Returns a function that rejects with OtherDataError if the data is not the one that was used before, and remembers
 * it at its first use. A launcher without its scratch path takes the marker that it finds. Another data path is a first
 * use. Before another folder of the same data is used, the folder before must be there.
 */
export function createDataIdentity (
  { files, dataPath, parent, link, former }: DataIdentityOptions
): () => Promise<void> {
  const folder = join(dataPath, parent)
  let checking: Promise<void> | undefined

  async function check (): Promise<void> {
    const marker = linkTarget(link)
    if (marker === undefined || !pathInside(marker, dataPath)) return await remember()
    if (!await files.exists(relative(dataPath, marker))) throw otherData(dataPath, marker, link)
    if (dirname(marker) === folder) return
    await former.note(marker)
    await remember()
  }

  async function remember (): Promise<void> {
    const found = (await files.list(parent)).filter(name => name.startsWith(MARKER_PREFIX)).sort()[0]
    const name = found ?? `${MARKER_PREFIX}${randomBytes(RANDOM_BYTES).toString('hex')}`
    if (found === undefined) await files.mark(join(parent, name))
    await setLink(link, join(folder, name))
  }

  return () => {
    checking ??= check().finally(() => { checking = undefined })
    return checking
  }
}

/**
 * Explains that the data is not the one that a launcher used before, as its start would. Undefined if it is, and if
 * none used this path of the data before. Creates nothing.
 */
export async function otherDataProblem (
  { files, dataPath, link }: Pick<DataIdentityOptions, 'dataPath' | 'link'> & {
    readonly files: Pick<LogFiles, 'exists'>
  }
): Promise<LogFolderProblem | undefined> {
  const marker = linkTarget(link)
  if (marker === undefined || !pathInside(marker, dataPath)) return undefined
  return await files.exists(relative(dataPath, marker)) ? undefined : otherData(dataPath, marker, link).problem
}

/** Removes the markers among the names in a folder that the launcher uses no more, and its own folders above. */
export async function removeMarkers (
  files: Pick<LogFiles, 'remove'>, folder: string, names: readonly string[]
): Promise<void> {
  for (const name of names.filter(name => name.startsWith(MARKER_PREFIX))) {
    await files.remove(join(folder, name), dirname(folder))
  }
}

function otherData (dataPath: string, marker: string, link: string): OtherDataError {
  return new OtherDataError({
    message: `The data ${dataPath} is not mounted, or is not the one that the launcher used before: it has no file ` +
      `${marker}.`,
    help: `Mount the data of the host at ${dataPath}. If it is new and meant to be empty, or the folder of this file ` +
      `was removed on purpose, remove ${link}.`,
    reason: NOT_MOUNTED
  })
}
