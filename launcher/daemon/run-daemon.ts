// Runs the launcher from start to stop: app, listen, ready line, reload, graceful shutdown.

import { Server as TlsServer } from 'node:tls'
import type { Logger } from 'pino'
import { buildApp } from '../app.ts'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { instanceId } from '../config/instance-id.ts'
import { createAcceptedKeys } from '../http/accepted-keys.ts'
import type { ReadyLine } from '../model/ready-line.ts'
import type { PluginDefinition } from '../plugin.ts'
import { readKeys } from './key.ts'
import { requireTrustedFiles } from './check-files.ts'
import { keepLock } from './keep-lock.ts'
import { keepSocket, type KeptSocket } from './keep-socket.ts'
import { listen } from './listen.ts'
import type { Lock } from './lock.ts'
import { recordPlace, type Place } from './place.ts'
import { giveScratchPath, socketOwner } from './scratch-path.ts'
import { readTls } from './tls.ts'

/** Time limit for requests in flight when the launcher stops. */
const STOP_GRACE_MS = 10_000

/** How often the launcher checks that its socket and its lock file still exist. */
const CHECK_INTERVAL_MS = 5000

export interface DaemonOptions {
  config: LauncherConfig
  plugins: readonly PluginDefinition[]
  log: Logger
  version: string
  environment: Readonly<Record<string, string | undefined>>
  /** The place of the original if the scratch path is a copy. */
  original: Place | undefined
  /** Returns the number of log lines dropped so far. */
  droppedLogLines: () => number
  /** Renews the lock on the scratch path if its file was removed; see Lock. */
  renewLock: Lock['renew']
  /** Renders and loads the present configuration. */
  reload: () => Promise<LauncherConfig>
  onHangup: (listener: () => unknown) => void
  /** Called once the launcher accepts requests. */
  ready: (line: ReadyLine) => void
  /** Shuts the launcher down gracefully. */
  signal: AbortSignal
}

/**
 * The caller holds the lock on the scratch path. Resolves when the launcher has stopped. Rejects with a LauncherError
 * if it cannot start.
 */
export async function runDaemon ({
  config,
  plugins,
  log,
  version,
  environment,
  original,
  droppedLogLines,
  renewLock,
  reload,
  onHangup,
  ready,
  signal
}: DaemonOptions): Promise<void> {
  const { scratchPath, serverUser, tls, address, instanceName } = config.server
  const owner = await socketOwner(serverUser)
  await requireTrustedFiles(config, owner?.uid)
  if (original !== undefined) log.warn({ scratchPath, original }, 'scratch path is a copy')
  await giveScratchPath(scratchPath, owner)
  const instance = await instanceId(scratchPath)
  const pems = tls === undefined ? undefined : await readTls(tls)
  if (pems !== undefined && pems.expires < Date.now()) {
    log.warn({ file: tls!.certificateFile, expired: new Date(pems.expires) }, 'TLS certificate has expired')
  }
  const keys = createAcceptedKeys(await readKeys(config.server))
  const app = await buildApp({
    config,
    plugins,
    log,
    instance,
    version,
    environment,
    droppedLogLines,
    keys,
    isCopy: original !== undefined,
    ...(pems === undefined ? {} : { tls: pems })
  })
  const lock = keepLock(renewLock, { scratchPath, log })
  let socket: KeptSocket | undefined
  let checkTimer: NodeJS.Timeout | undefined
  try {
    const readyAddress = await listen(app.server, address, owner)
    log.info({ address: readyAddress }, 'server listening')
    if ('socket' in address) socket = await keepSocket(app.server, address.socket, { owner, log })
    onHangup(checkFiles)
    onHangup(reloadNow)
    checkTimer = setInterval(checkFiles, CHECK_INTERVAL_MS).unref()
    // A host must not take a running job for a missing one.
    await Promise.race([app.begin(), aborted(signal), lock.lost])
    if (signal.aborted) return
    await recordPlace(scratchPath)
    ready({
      event: 'ready',
      address: readyAddress,
      pid: process.pid,
      instance,
      ...(instanceName === undefined ? {} : { instanceName }),
      version,
      api: 'v1',
      configDir: config.configDir
    })
    log.info({ address: readyAddress, instance, configDir: config.configDir, scratchPath }, 'launcher ready')
    await Promise.race([aborted(signal), lock.lost])
    log.info('launcher stopping, jobs keep running')
  } finally {
    clearInterval(checkTimer)
    lock.close()
    await app.close(STOP_GRACE_MS, socket?.close)
  }

  function checkFiles (): void {
    socket?.check()
    lock.check()
  }

  async function reloadNow (): Promise<void> {
    const served: unknown = app.server.server
    try {
      const next = await reload()
      await requireTrustedFiles(next, owner?.uid)
      const nextKeys = await readKeys(config.server, keys.monitoring())
      const nextPems = tls === undefined ? undefined : await readTls(tls)
      const needRestart = await app.reload(next)
      if (nextPems !== undefined && served instanceof TlsServer) served.setSecureContext(nextPems)
      log.info({ needRestart, replacedKeys: keys.replace(nextKeys) }, 'configuration reloaded')
    } catch (error) {
      log.error({ err: error }, 'reload failed, old configuration kept')
    }
  }
}

function aborted (signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
