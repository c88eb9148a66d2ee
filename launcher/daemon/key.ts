// The launcher's key: proves a host on TCP, and seals cursors.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'
import { atomicCreate, removeTemporaries } from '../lib/atomic-write.ts'

const SHORTEST = 32

/** Reads the key file; makes one with a random key (mode 0600) where there is none. Throws FileNotReadable. */
export async function readKey (file: string): Promise<string> {
  try {
    await removeTemporaries(file)
    const key = await keyThatIsThere(file) ?? await makeKey(file)
    if (key.length >= SHORTEST) return key
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
    `The key in ${file} (secure-cookie-key-file) is shorter than ${SHORTEST} characters.`,
    { file }
  )
}

async function keyIn (file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

async function keyThatIsThere (file: string): Promise<string | undefined> {
  try {
    return await keyIn(file)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return undefined
  }
}

/** Another launcher may make it meanwhile: then that one's key counts. */
async function makeKey (file: string): Promise<string> {
  await atomicCreate(file, randomBytes(32).toString('base64url') + '\n', 0o600)
  return await keyIn(file)
}
