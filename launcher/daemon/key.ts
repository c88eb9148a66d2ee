// The files with the launcher's keys. That of hosts also authenticates cursors.

import { randomBytes } from 'node:crypto'
import type { ServerConfig } from '../config/server-keys.ts'
import { LauncherError, systemCode } from '../errors.ts'
import type { Keys } from '../http/accepted-keys.ts'
import { atomicCreate, removeTemporaries } from '../lib/atomic-write.ts'
import { defined } from '../lib/defined.ts'
import { readRegularFile, UnsuitableFile } from '../lib/read-regular-file.ts'

const MIN_LENGTH = 32
/** More would not fit into the header of a request. */
const MAX_LENGTH = 1024
const NOT_A_KEY = `it is not a regular file with a key of at most ${MAX_LENGTH} characters`

/** The conf keys that name the files. */
type KeyName = 'secure-cookie-key-file' | 'monitoring-key-file'

type KeyFiles = Pick<ServerConfig, 'address' | 'keyFile' | 'monitoringKeyFile'>

/**
 * As `readKey`, and creates no key if the other cannot be used. Only clients on TCP need the key of monitoring.
 * `ofMonitoring`: the keys that the launcher accepts from monitoring so far. None of them may become that of hosts.
 */
export async function readKeys (files: KeyFiles, ofMonitoring: readonly string[] = []): Promise<Keys> {
  const { address, keyFile, monitoringKeyFile } = files
  const found = await checkKeys(files, ofMonitoring)
  const host = await readKey(keyFile, 'secure-cookie-key-file', found.host)
  if ('socket' in address) return { host }
  return { host, monitoring: await readKey(monitoringKeyFile, 'monitoring-key-file', found.monitoring) }
}

/** Returns the keys whose files exist; a start creates the others. Rejects with FileNotReadable. */
export async function checkKeys (
  { address, keyFile, monitoringKeyFile }: KeyFiles,
  ofMonitoring: readonly string[] = []
): Promise<Partial<Keys>> {
  const host = await usableKey(keyFile, 'secure-cookie-key-file', () => existingKey(keyFile))
  if ('socket' in address) return defined({ host })
  const monitoring = await usableKey(monitoringKeyFile, 'monitoring-key-file', () => existingKey(monitoringKeyFile))
  if (monitoring !== undefined && monitoring === host) {
    throw new LauncherError(
      'FileNotReadable',
      `The key in ${monitoringKeyFile} (monitoring-key-file) is that of hosts (${keyFile}), which may do everything.`,
      { file: monitoringKeyFile }
    )
  }
  if (host !== undefined && ofMonitoring.includes(host)) {
    throw new LauncherError(
      'FileNotReadable',
      `The key in ${keyFile} (secure-cookie-key-file) is still accepted as that of monitoring, and that of hosts may ` +
      'do everything. Write another key.',
      { file: keyFile }
    )
  }
  return defined({ host, monitoring })
}

/**
 * Reads a key file unless the caller has `found` its key. Creates it with a random key (mode 0600) if it is missing.
 * Removes what killed launchers left of creating it. Rejects with FileNotReadable.
 */
export async function readKey (file: string, name: KeyName, found?: string): Promise<string> {
  return await usableKey(file, name, async () => {
    await removeTemporaries(file)
    return found ?? await existingKey(file) ?? await createKey(file)
  })
}

async function usableKey<Key extends string | undefined> (
  file: string, name: KeyName, read: () => Promise<Key>
): Promise<Key> {
  let key: Key
  try {
    key = await read()
  } catch (error) {
    throw unusable(file, name, (error as Error).message, error)
  }
  if (key !== undefined && !/^[!-~]*$/.test(key)) {
    throw unusable(file, name, 'a key has no spaces, and no characters but ASCII')
  }
  if (key !== undefined && key.length > MAX_LENGTH) {
    throw unusable(file, name, NOT_A_KEY)
  }
  if (key === undefined || key.length >= MIN_LENGTH) return key
  throw new LauncherError(
    'FileNotReadable',
    `The key in ${file} (${name}) is shorter than ${MIN_LENGTH} characters.`,
    { file }
  )
}

function unusable (file: string, name: KeyName, why: string, cause?: unknown): LauncherError {
  return new LauncherError(
    'FileNotReadable', `The key file ${file} (${name}) cannot be used: ${why}.`, { file }, { cause }
  )
}

async function keyIn (file: string): Promise<string> {
  try {
    return (await readRegularFile(file, 2 * MAX_LENGTH)).toString('utf8').trim()
  } catch (error) {
    if (error instanceof UnsuitableFile) throw new LauncherError('FileNotReadable', NOT_A_KEY, {}, { cause: error })
    throw error
  }
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
