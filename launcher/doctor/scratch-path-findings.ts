// Decides from what is seen of the scratch path whether a launcher can use it. Pure.

import { whyUntrusted } from '../daemon/scratch-path.ts'
import { ERRORS } from '../errors.ts'
import type { Finding } from '../plugin.ts'

export interface ScratchPathFacts {
  readonly path: string
  /** `path`, or the nearest folder above it that exists. What follows is said of this one. */
  readonly there: string
  readonly isFolder: boolean
  readonly writable: boolean
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
  readonly freeBytes: number
  /** The user who asks. */
  readonly ownUid: number
  readonly ownName: string
  /** User of the host server, who gets the folder when the launcher is root. */
  readonly serverUid?: number
  /** The launcher that runs in it. */
  readonly pid?: number
}

const PRIVATE = 0o700
const GIB = 2 ** 30
const LITTLE_BYTES = GIB

export function scratchPathFindings (facts: ScratchPathFacts): Finding {
  const { path, there, isFolder, writable, uid, mode, freeBytes, ownUid, ownName, serverUid, pid } = facts
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

  if (!isFolder) return missing(`The scratch path ${path} cannot be used: ${there} is not a folder.`)
  if (!writable) return missing(`The scratch path ${path} cannot be used: user ${ownName} may not write in ${there}.`)
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free`
  const isThere = there === path
  if (isThere && ownUid !== 0 && uid !== ownUid) {
    return missing(`The scratch path ${path} belongs to user id ${uid}, not to ${ownName}, who asks.`)
  }
  if (freeBytes < LITTLE_BYTES) {
    return warning(
      `The file system of the scratch path ${path} has ${free}.`,
      'Make room: the output of jobs is kept there, and without room no job is accepted.'
    )
  }
  if (!isThere) {
    return {
      check: 'scratch-path',
      state: 'ok',
      message: `The scratch path ${path} does not exist and can be made; ${free}.`
    }
  }
  const untrusted = whyUntrusted({ uid, mode }, [0, ownUid, ...(serverUid === undefined ? [] : [serverUid])])
  if (untrusted !== undefined) return missing(`The scratch path ${path} cannot be used: it ${untrusted}.`)
  if (mode !== PRIVATE) {
    return warning(
      `The scratch path ${path} has mode ${octal(mode)}; ${free}.`,
      `chmod ${octal(PRIVATE)} it, as the launcher does at its start: secrets of jobs are in it.`
    )
  }
  return {
    check: 'scratch-path',
    state: 'ok',
    message: `The scratch path ${path} can be used; mode ${octal(mode)}, ` +
      `${free}${pid === undefined ? '' : `; a launcher runs in it, pid ${pid}`}.`
  }
}

function octal (mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
