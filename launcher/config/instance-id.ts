// The id of a launcher instance, stored in its scratch path. It labels what the instance creates in places that it
// shares with others.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { atomicCreate, removeTemporaries } from '../lib/atomic-write.ts'
import { readText } from './read-text.ts'

const FILE = 'instance-id'
const FORM = /^[0-9a-f]{12}$/

/** Reads or creates the id. Two launchers that create it at the same time get the same id. The folder must exist. */
export async function instanceId (scratchPath: string): Promise<string> {
  await createIfMissing(join(scratchPath, FILE))
  const id = await findInstanceId(scratchPath)
  if (id === undefined) {
    const file = join(scratchPath, FILE)
    throw new LauncherError(
      'FileNotReadable',
      `${file} does not contain an instance id of 12 hexadecimal digits; delete it to get a new one`,
      { file }
    )
  }
  return id
}

/** Resolves with undefined if the folder contains no id. */
export async function findInstanceId (scratchPath: string): Promise<string | undefined> {
  const id = (await readText(join(scratchPath, FILE)))?.trim()
  return id !== undefined && FORM.test(id) ? id : undefined
}

async function createIfMissing (file: string): Promise<void> {
  await removeTemporaries(file)
  if (await readText(file) === undefined) await atomicCreate(file, `${randomBytes(6).toString('hex')}\n`, 0o600)
}
