// Where the API server is, how it proves itself and how we do: read from files, and again when they change.

import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { readApiAccess } from './api-access.ts'
import { readKubeconfig } from './kubeconfig.ts'

/** Everything a connection needs. Holds secrets: never logged, never written. */
export interface Access {
  /** Address of the API server, without a slash at the end. */
  readonly server: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: Tls
}

export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

/** One reading: what it gave, the files it depends on, and when it must be read again (milliseconds since 1970). */
export interface Reading {
  readonly access: Access
  readonly files: readonly string[]
  readonly expiresAt?: number
}

export type CredentialSource =
  /** A kubeconfig file; its current context unless another is named. */
  | { readonly kubeconfig: string, readonly context?: string }
  /** The service account of the pod that the launcher runs in. `folder` is where its files are mounted. */
  | { readonly host: string, readonly port: string, readonly folder: string }
  /** An address with a token file. `certificateAuthority` is PEM text in base64, or the path of a PEM file. */
  | { readonly apiUrl: string, readonly tokenFile?: string, readonly certificateAuthority?: string, readonly verifyCertificates: boolean }

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
