// Explains why the launcher cannot keep process logs in its folder of the data. Pure.

import { systemCode } from '../../../launcher/errors.ts'
import type { ProcessLogs } from '../config/process-logs.ts'

export interface LogFolderProblem {
  readonly message: string
  readonly help: string
  /** The reason of a job that waits for its end. */
  readonly reason?: 'DataFull' | 'DataNotMounted'
}

const PATH_KEY = 'data-dir-path (Launcher.DataDirPath)'

/** `userName` is the user that runs the check. */
export function logFolderProblem (
  error: unknown, { dataPath, folder }: Pick<ProcessLogs, 'dataPath' | 'folder'>, userName: string
): LogFolderProblem {
  const code = systemCode(error)
  const place = `${dataPath}/${folder}`
  const words = code === undefined ? String(error) : (error as Error).message
  switch (code) {
    case 'ENOENT': return {
      message: `The data ${dataPath} does not exist on this machine.`,
      help: `Mount the data of the host there, or set ${PATH_KEY} to the path at which this machine sees it.`
    }
    case 'EACCES':
    case 'EPERM': return {
      message: `The user ${userName} cannot create folders and files in ${place} (${words}).`,
      help: `Give the user of the launcher the right to create ${place}, or create it for this user. An NFS export ` +
        'with root_squash gives root no rights.'
    }
    case 'EROFS': return {
      message: `The file system of ${place} is read-only (${words}).`,
      help: 'Mount it with the right to write.'
    }
    case 'ENOSPC':
    case 'EDQUOT': return {
      message: `The file system of ${place} has no room left (${words}).`,
      help: 'Free space or inodes, or raise the quota.'
    }
    case 'ELOOP': return {
      message: `The folder of process logs must not be reached by a symbolic link (${words}).`,
      help: 'Replace the link by a folder, or set another log-dir (Launcher.LogDir).'
    }
    case 'ENOTDIR':
    case 'EEXIST': return {
      message: `A part of the path ${place} is not a folder (${words}).`,
      help: `Remove that file, or set another log-dir (Launcher.LogDir) or ${PATH_KEY}.`
    }
    case 'ETIMEDOUT':
    case 'ESTALE': return {
      message: `The file system of ${place} does not answer (${words}).`,
      help: 'Check the file server and the mount on this machine.'
    }
    default: return {
      message: `The launcher cannot create folders and files in ${place} (${words}).`,
      help: 'Check the file system and its mount on this machine.'
    }
  }
}
