// Decides from facts about the scratch path whether a launcher can use it. Pure.

import { whyUntrusted } from '../daemon/scratch-path.ts'
import { ERRORS } from '../errors.ts'
import type { Finding } from '../plugin.ts'

export interface ScratchPathFacts {
  readonly path: string
  /** `path`, or the nearest folder above it that exists. The following facts are about this folder. */
  readonly nearest: string
  readonly isFolder: boolean
  readonly writable: boolean
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
  readonly freeBytes: number
  /** The user that runs the check. */
  readonly ownUid: number
  readonly ownName: string
  /** User of the host server, which becomes the owner if the launcher runs as root. */
  readonly serverUid?: number
  /** The launcher that uses it now. */
  readonly pid?: number
}

const PRIVATE = 0o700
const GIB = 2 ** 30
const MIN_FREE_BYTES = GIB

export function scratchPathFindings (facts: ScratchPathFacts): Finding {
  const { path, nearest, isFolder, writable, uid, mode, freeBytes, ownUid, ownName, serverUid, pid } = facts
  const missing = (message: string): Finding => ({
    check: 'scratch-path',
    state: 'missing',
    message,
    help: ERRORS.FolderNotWritable.help
  })
  const warning = (message: string, help: string): Finding => ({
    check: 'scratch-path',
    state: 'warning',
    message,
    help
  })

  if (!isFolder) return missing(`The scratch path ${path} cannot be used: ${nearest} is not a folder.`)
  if (!writable) {
    return missing(`The scratch path ${path} cannot be used: user ${ownName} cannot write to ${nearest}.`)
  }
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free`
  const exists = nearest === path
  if (exists && ownUid !== 0 && uid !== ownUid) {
    return missing(`The scratch path ${path} belongs to user id ${uid}, not to ${ownName}, who runs this check.`)
  }
  if (freeBytes < MIN_FREE_BYTES) {
    return warning(
      `The file system of the scratch path ${path} has only ${free}.`,
      'Free disk space: it stores the output of jobs, and on a full disk no job is accepted.'
    )
  }
  if (!exists) {
    return {
      check: 'scratch-path',
      state: 'ok',
      message: `The scratch path ${path} does not exist and can be created; ${free}.`
    }
  }
  const untrusted = whyUntrusted({ uid, mode }, [0, ownUid, ...(serverUid === undefined ? [] : [serverUid])])
  if (untrusted !== undefined) return missing(`The scratch path ${path} cannot be used: it ${untrusted}.`)
  if (mode !== PRIVATE) {
    return warning(
      `The scratch path ${path} has mode ${octal(mode)}; ${free}.`,
      `Set its mode to ${octal(PRIVATE)}, as the launcher does when it starts: it contains secrets of jobs.`
    )
  }
  return {
    check: 'scratch-path',
    state: 'ok',
    message: `The scratch path ${path} can be used; mode ${octal(mode)}, ` +
      `${free}${pid === undefined ? '' : `; a launcher uses it now, pid ${pid}`}.`
  }
}

function octal (mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
