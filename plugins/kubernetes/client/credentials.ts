// The address of the API server, its certificates and the client's credentials: read from files, and again when the
// files change.

import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { readApiAccess } from './token-credentials.ts'
import { createOutageLog } from './outage-log.ts'
import { readKubeconfig } from './kubeconfig.ts'
import type { Access, Reading, CredentialSource } from './access.ts'

export interface Credentials {
  /** The current access. Checks the files for changes at most once a second. */
  access (): Promise<Access>
  /**
   * Reads everything again because the server rejected `refused`. Returns the current access if it is already another.
   */
  refresh (refused: Access): Promise<Access>
}

const CHECK_INTERVAL_MS = 1000

/** Rejects with a LauncherError that names the file or the field if the source cannot be used. */
export async function loadCredentials (source: CredentialSource, log: Logger): Promise<Credentials> {
  const read = readerOf(source)
  let reading = await read()
  let stamp = await stampOf(reading.files)
  let nextCheckAt = performance.now() + CHECK_INTERVAL_MS
  let pending: Promise<Access> | undefined
  const outage = createOutageLog(log, { failed: 'credential reload failed', restored: 'credential reload restored' })

  async function reload (): Promise<Access> {
    const before = await stampOf(reading.files)
    reading = await read()
    stamp = before
    outage.succeeded()
    return reading.access
  }

  async function accessAfterCheck (): Promise<Access> {
    const isExpired = reading.expiresAt !== undefined && reading.expiresAt <= Date.now()
    if (!isExpired && await stampOf(reading.files) === stamp) {
      outage.succeeded()
      return reading.access
    }
    try {
      return await reload()
    } catch (err) {
      // A file that is being replaced may be missing for a moment. The old credentials stay in use until the server
      // rejects them.
      outage.failed(err)
      return reading.access
    }
  }

  function shareRun (work: () => Promise<Access>): Promise<Access> {
    pending ??= work().finally(() => {
      pending = undefined
      nextCheckAt = performance.now() + CHECK_INTERVAL_MS
    })
    return pending
  }

  return {
    access: () =>
      performance.now() < nextCheckAt && pending === undefined
        ? Promise.resolve(reading.access)
        : shareRun(accessAfterCheck),
    refresh: async refused => {
      await pending
      return reading.access === refused ? shareRun(reload) : reading.access
    }
  }
}

function readerOf (source: CredentialSource): () => Promise<Reading> {
  if ('kubeconfig' in source) return readKubeconfig(source.kubeconfig)
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
