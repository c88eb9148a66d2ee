// Where the API server is, how it proves itself and how we do: read from files, and again when they change.

import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { readApiAccess } from './token-credentials.ts'
import { readKubeconfig } from './kubeconfig.ts'
import type { Access, Reading, CredentialSource } from './access.ts'

export interface Credentials {
  /** The present access. Looks at the files at most once a second. */
  access (): Promise<Access>
  /** Reads everything again because the server refused `refused`; the present one when that is another already. */
  refresh (refused: Access): Promise<Access>
}

const LOOK_EVERY_MS = 1000

/** Rejects with a LauncherError that names the file or the field when the source cannot be used. */
export async function loadCredentials (source: CredentialSource, log: Logger): Promise<Credentials> {
  const read = readerOf(source)
  let reading = await read()
  let stamp = await stampOf(reading.files)
  let lookAt = performance.now() + LOOK_EVERY_MS
  let underWay: Promise<Access> | undefined

  async function readAgain (): Promise<Access> {
    const before = await stampOf(reading.files)
    reading = await read()
    stamp = before
    return reading.access
  }

  async function look (): Promise<Access> {
    const due = reading.expiresAt !== undefined && reading.expiresAt <= Date.now()
    if (!due && await stampOf(reading.files) === stamp) return reading.access
    try {
      return await readAgain()
    } catch (err) {
      // A file that is being replaced may be missing for a moment; the old content serves until the server refuses it.
      log.warn({ err }, 'the credentials of the cluster could not be read again')
      return reading.access
    }
  }

  function once (work: () => Promise<Access>): Promise<Access> {
    underWay ??= work().finally(() => {
      underWay = undefined
      lookAt = performance.now() + LOOK_EVERY_MS
    })
    return underWay
  }

  return {
    access: () => performance.now() < lookAt && underWay === undefined ? Promise.resolve(reading.access) : once(look),
    refresh: async refused => {
      await underWay
      return reading.access === refused ? once(readAgain) : reading.access
    }
  }
}

function readerOf (source: CredentialSource): () => Promise<Reading> {
  if ('kubeconfig' in source) return readKubeconfig(source.kubeconfig, source.context)
  if ('apiUrl' in source) return () => readApiAccess(source)
  const { host, port, folder } = source
  return () => readApiAccess({
    apiUrl: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile: `${folder}/token`,
    certificateAuthority: `${folder}/ca.crt`,
    verifyCertificates: true
  })
}

async function stampOf (files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(files.map(async file => {
    try {
      const { mtimeMs, size, ino } = await stat(file)
      return `${mtimeMs} ${size} ${ino}`
    } catch {
      return 'missing'
    }
  }))
  return stamps.join('\n')
}
