// The address of the API server, its certificates and the client's credentials: read from files, and again when the
// files change.

import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { podApiUrl } from './api-url.ts'
import { readApiAccess } from './token-credentials.ts'
import { createOutageLog } from './outage-log.ts'
import { readKubeconfig } from './kubeconfig.ts'
import type { Access, CredentialSource, Environment, Reading } from './access.ts'

export interface Credentials {
  /** The current access. Checks the files for changes at most once a second. */
  access (): Promise<Access>
  /**
   * Reads everything again because the server rejected `refused`. Returns the current access if it is already another.
   */
  refresh (refused: Access): Promise<Access>
}

const CHECK_INTERVAL_MS = 1000
/** After a failed read, the same files are read again this much later; files that change meanwhile, at once. */
const RETRY_INTERVAL_MS = 5000

/** Rejects with a LauncherError that names the file or the field if the source cannot be used. */
export async function loadCredentials (
  source: CredentialSource, log: Logger, environment: Environment
): Promise<Credentials> {
  const read = readerOf(source, environment)
  let reading = await read()
  let stamp = await stampOf(reading.files)
  let nextCheckAt = performance.now() + CHECK_INTERVAL_MS
  let pending: Promise<Access> | undefined
  let failed: { readonly stamp: string, readonly retryAt: number } | undefined
  const outage = createOutageLog(log, { failed: 'credential reload failed', restored: 'credential reload restored' })

  async function reload (): Promise<Access> {
    const before = await stampOf(reading.files)
    reading = await read()
    stamp = before
    failed = undefined
    outage.succeeded()
    return reading.access
  }

  async function accessAfterCheck (): Promise<Access> {
    const isExpired = reading.expiresAt !== undefined && reading.expiresAt <= Date.now()
    const found = await stampOf(reading.files)
    if (!isExpired && found === stamp) {
      failed = undefined
      outage.succeeded()
      return reading.access
    }
    if (failed?.stamp === found && performance.now() < failed.retryAt) return reading.access
    try {
      return await reload()
    } catch (err) {
      // A file that is being replaced may be missing for a moment. The old credentials stay in use until the server
      // rejects them.
      failed = { stamp: found, retryAt: performance.now() + RETRY_INTERVAL_MS }
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

function readerOf (source: CredentialSource, environment: Environment): () => Promise<Reading> {
  if ('kubeconfig' in source) return readKubeconfig(source, environment)
  if ('apiUrl' in source) return () => readApiAccess(source, environment)
  const { folder } = source
  return () => readApiAccess({
    apiUrl: podApiUrl(source),
    tokenFile: `${folder}/token`,
    certificateAuthority: `${folder}/ca.crt`,
    verifyCertificates: true
  }, environment)
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
