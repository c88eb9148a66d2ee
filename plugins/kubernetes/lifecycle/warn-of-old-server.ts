// Warns if the API server is older than the oldest version that the plugin supports. `doctor` reports it too.

import type { Logger } from 'pino'
import type { Calls } from '../client/client.ts'
import { isOld, OLDEST_VERSION, VERSION_PATH, type ServerVersion } from '../client/server-version.ts'

/** Logs at most one line. A server that does not report its version causes none. */
export async function warnOfOldServer (client: Calls, log: Logger): Promise<void> {
  let version: ServerVersion
  try {
    version = await client.call<ServerVersion>({ method: 'GET', path: VERSION_PATH })
  } catch {
    return
  }
  if (!isOld(version)) return
  log.warn({ version: version.gitVersion, oldest: OLDEST_VERSION }, 'Kubernetes version not supported')
}
