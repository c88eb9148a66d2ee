// The names of the folders of process logs. Pure.

import { randomBytes } from 'node:crypto'
import { normalize } from 'node:path'

/** Bytes of the random part of a folder's name, which no other job can guess. */
const RANDOM_BYTES = 16
/** The name of a job's folder: its id, and the random part. */
const JOB_FOLDER = /^([0-9a-z]+)-[0-9a-f]{32}$/

export function newFolderName (jobId: string): string {
  return `${jobId}-${randomBytes(RANDOM_BYTES).toString('hex')}`
}

/** Undefined for a name of another form: it is not the launcher's. */
export function jobIdOfFolder (name: string): string | undefined {
  return JOB_FOLDER.exec(name)?.[1]
}

/**
 * Whether a launcher can have made this folder, relative to the data, for the job. Everyone who may change Jobs in the
 * namespace can write another path in an annotation.
 */
export function isFolderOfJob (folder: string, jobId: string): boolean {
  const parts = folder.split('/')
  return !parts.includes('..') && !parts.includes('') && normalize(folder) === folder &&
    jobIdOfFolder(parts.at(-1)!) === jobId
}
