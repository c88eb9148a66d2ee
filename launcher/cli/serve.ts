// The subcommand that runs the launcher.

import { resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Lock } from '../daemon/lock.ts'
import type { LogStream } from '../daemon/log-stream.ts'
import type { Place } from '../daemon/place.ts'
import { startFailure } from '../daemon/start-failure.ts'
import { isLauncherError } from '../errors.ts'
import type { ConfigSource, PreparedConfig } from '../config/prepare.ts'
import type { Command, CommandContext } from './command.ts'
import { CONFIG_OPTIONS, CONFIG_USAGE, configSource } from './config-source.ts'
import { packageVersion } from './version.ts'

/** Time limit for the last lines of the log when the launcher ends. */
const LOG_END_MS = 1000

export const serve: Command = {
  name: 'serve',
  summary: 'Run the launcher',
  usage: `${CONFIG_USAGE} [--supervised] [--pretty]`,
  options: {
    ...CONFIG_OPTIONS,
    supervised: { type: 'boolean', help: 'Stop when standard input ends: the host is gone' },
    pretty: { type: 'boolean', help: 'Show the log for people instead of as JSON' }
  },
  run: serveUntilStopped
}

async function serveUntilStopped (context: CommandContext): Promise<number> {
  const writeLine = (line: object): void => { context.stdout.write(JSON.stringify(line) + '\n') }
  const stopped = new AbortController()
  const stop = (): void => stopped.abort()
  if (context.signal.aborted) stop()
  context.signal.addEventListener('abort', stop, { once: true })
  if (context.values.supervised === true) {
    context.stdin.once('end', stop).once('close', stop).once('error', stop).resume()
    // If the host ends, it stops reading. That must stop the launcher through standard input, not through EPIPE.
    context.stdout.on('error', () => {})
  }
  let lock: Lock | undefined
  let original: Place | undefined
  let logStream: LogStream | undefined
  let scratchPath: string | undefined
  try {
    const {
      closeInheritedDescriptors,
      createLogger,
      createScratchPath,
      openLogStream,
      originalPlace,
      prepareConfig,
      requireTrustedConf,
      runDaemon,
      waitForLock
    } = await import('../daemon/daemon.ts')
    closeInheritedDescriptors()
    logStream = openLogStream()
    process.once('exit', logStream.flush)
    const plugins = await context.loadPlugins()
    const source = absolute(configSource(context.values))
    if (source.settings === undefined) await requireTrustedConf(source.configDir)
    const logOptions = {
      pretty: context.values.pretty === true,
      colors: (context.stderr as { isTTY?: boolean }).isTTY === true && context.env.NO_COLOR === undefined,
      destination: logStream
    }
    const { config, replaced } = await prepareConfig(source, plugins, async (path, serverUser) => {
      scratchPath = path
      await createScratchPath(path, serverUser)
      // Before the lock, because a copy also has the original's note of who holds it.
      original = await originalPlace(path)
      lock = await waitForLock(path, { log: createLogger('info', logOptions), signal: stopped.signal })
    })
    stopped.signal.addEventListener('abort', lock!.announceStop, { once: true })
    if (stopped.signal.aborted) lock!.announceStop()
    // The folder that the launcher was started in may be removed; no program can be started from there then.
    process.chdir(config.server.scratchPath)
    const log = createLogger(config.server.logLevel, logOptions)
    logReplaced(replaced, log)
    await runDaemon({
      config,
      plugins,
      log,
      version: packageVersion(),
      environment: context.env,
      original,
      droppedLogLines: logStream.dropped,
      renewLock: lock!.renew,
      reload: async () => {
        const next = await prepareConfig(source, plugins)
        logReplaced(next.replaced, log)
        return next.config
      },
      onHangup: context.onHangup ?? (() => {}),
      ready: writeLine,
      signal: stopped.signal
    })
    return 0
  } catch (cause) {
    const error = startFailure(cause, scratchPath)
    // A host may stop a launcher that is still waiting for its predecessor.
    if (stopped.signal.aborted && isLauncherError(error, 'PredecessorStopping')) return 0
    const code = isLauncherError(error) ? error.code : 'InternalError'
    writeLine({
      event: 'failed',
      code,
      message: (error as Error).message,
      ...(isLauncherError(error) ? { help: error.help } : {})
    })
    throw error
  } finally {
    lock?.release()
    await logStream?.drained(LOG_END_MS)
    context.stdin.pause()
  }
}

function logReplaced (replaced: PreparedConfig['replaced'], log: Logger): void {
  for (const { path, copy, wasRendered } of replaced) {
    log.warn({ file: path, copy, wasRendered }, 'conf file replaced, copy kept')
  }
}

/** Returns the source with absolute paths, for a launcher that leaves the folder it was started in. */
function absolute ({ settings, configDir }: ConfigSource): ConfigSource {
  return {
    ...(settings !== undefined && { settings: { ...settings, file: resolve(settings.file) } }),
    ...(configDir !== undefined && { configDir: resolve(configDir) })
  }
}
