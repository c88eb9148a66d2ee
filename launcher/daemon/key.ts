// The launcher's key: authenticates hosts on TCP, and cursors.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'
import { atomicCreate, removeTemporaries } from '../lib/atomic-write.ts'

const MIN_LENGTH = 32

/** Reads the key file. Creates it with a random key (mode 0600) if it is missing. Rejects with FileNotReadable. */
export async function readKey (file: string): Promise<string> {
  return await usableKey(file, async () => {
    await removeTemporaries(file)
    return await existingKey(file) ?? await createKey(file)
  })
}

/** Checks the key file for `doctor`. Accepts a missing file, which a start creates. Rejects with FileNotReadable. */
export async function checkKey (file: string): Promise<void> {
  await usableKey(file, () => existingKey(file))
}

async function usableKey<Key extends string | undefined> (file: string, read: () => Promise<Key>): Promise<Key> {
  try {
    const key = await read()
    if (key === undefined || key.length >= MIN_LENGTH) return key
  } catch (error) {
    throw new LauncherError(
      'FileNotReadable',
      `The key file ${file} (secure-cookie-key-file) cannot be used: ${(error as Error).message}.`,
      { file },
      { cause: error }
    )
  }
  throw new LauncherError(
    'FileNotReadable',
    `The key in ${file} (secure-cookie-key-file) is shorter than ${MIN_LENGTH} characters.`,
    { file }
  )
}

async function keyIn (file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

async function existingKey (file: string): Promise<string | undefined> {
  try {
    return await keyIn(file)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return undefined
  }
}

/** If another launcher creates the file at the same time, returns that launcher's key. */
async function createKey (file: string): Promise<string> {
  await atomicCreate(file, randomBytes(32).toString('base64url') + '\n', 0o600)
  return await keyIn(file)
}
