// Checks the server's address, TLS certificate, key and database for `job-launcher doctor`.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { checkKeys } from '../daemon/key.ts'
import { checkAddress } from '../daemon/listen.ts'
import { liveHolder } from '../daemon/scratch-path-holder.ts'
import { originalPlace } from '../daemon/place.ts'
import { readTls } from '../daemon/tls.ts'
import { isLauncherError } from '../errors.ts'
import { checkDatabase } from '../jobs/store/check-database.ts'
import type { Finding } from '../plugin.ts'

/** Yields a finding for each problem. Skips the address and the database if a launcher that runs uses them. */
export async function * checkServer ({ server }: LauncherConfig): AsyncGenerator<Finding, void, undefined> {
  const { address, tls, scratchPath } = server
  if (tls !== undefined) yield * await problemOf('tls', () => checkTls(tls))
  yield * await problemOf('key', async () => { await checkKeys(server) })
  if (liveHolder(scratchPath) !== undefined) return
  yield * await problemOf('copy', () => checkCopy(scratchPath))
  yield * await problemOf('address', () => checkAddress(address))
  yield * await problemOf('database', async () => checkDatabase(join(scratchPath, 'jobs.db')))
}

async function checkTls (tls: NonNullable<LauncherConfig['server']['tls']>): Promise<Finding | undefined> {
  const { expires } = await readTls(tls)
  return expires > Date.now()
    ? undefined
    : {
        check: 'tls',
        state: 'warning',
        message: `The certificate in ${tls.certificateFile} expired on ${new Date(expires).toISOString()}.`,
        help: 'Replace the certificate and send the launcher SIGHUP: clients refuse an expired one.'
      }
}

async function checkCopy (scratchPath: string): Promise<Finding | undefined> {
  if (!existsSync(scratchPath)) return undefined
  const original = await originalPlace(scratchPath)
  return original === undefined
    ? undefined
    : {
        check: 'copy',
        state: 'warning',
        message: `The scratch path ${scratchPath} is a copy of ${original.path} on ${original.host}.`,
        help: 'If another launcher still uses the original, do not start this one: see docs/guide/backup.md.'
      }
}

async function problemOf (check: string, work: () => Promise<Finding | void>): Promise<Finding[]> {
  try {
    const finding = await work()
    return finding === undefined ? [] : [finding]
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return [{ check, state: 'missing', message: error.message, help: error.help }]
  }
}
