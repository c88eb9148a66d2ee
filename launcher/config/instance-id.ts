// The id of a launcher instance, kept in its scratch path: it labels what the instance makes where others can see it.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { atomicCreate, removeTemporaries } from '../lib/atomic-write.ts'
import { readText } from './read-text.ts'

const FILE = 'instance-id'
const FORM = /^[0-9a-f]{12}$/

/** Reads the id, or creates it; of two that create it at once both get the same. The folder must exist. */
export async function instanceId (scratchPath: string): Promise<string> {
  await atomicCreateUnlessThere(join(scratchPath, FILE))
  const id = await findInstanceId(scratchPath)
  if (id === undefined) {
    const file = join(scratchPath, FILE)
    throw new LauncherError(
      'FileNotReadable',
      `${file} does not hold an instance id of 12 hexadecimal digits; delete it to get a new one`,
      { file }
    )
  }
  return id
}

/** Undefined when the folder holds no id. */
export async function findInstanceId (scratchPath: string): Promise<string | undefined> {
  const id = (await readText(join(scratchPath, FILE)))?.trim()
  return id !== undefined && FORM.test(id) ? id : undefined
}

async function atomicCreateUnlessThere (file: string): Promise<void> {
  await removeTemporaries(file)
  if (await readText(file) === undefined) await atomicCreate(file, `${randomBytes(6).toString('hex')}\n`, 0o600)
}
