// The host's side of supervision: spawns a launcher, restarts it when it ends, and stops it with the host.

import { EventEmitter } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LauncherError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { ReadyLine } from '../model/ready-line.ts'
import { describeExit, startChild, type Child, type Exit } from './child.ts'
import { watchHealth } from './health.ts'
import type { LogLine } from './log-line.ts'

export { ERRORS, isLauncherError, LauncherError, type ErrorCode, type ErrorDetails, type ErrorKind } from '../errors.ts'
export type { Exit, LogLine, ReadyLine }

export interface LauncherOptions {
  /** Path of the host's settings file. */
  readonly settings: string
  /** Settings that override the file, such as `{ 'Launcher.ScratchPath': '/srv/host/launcher' }`. */
  readonly set?: Readonly<Record<string, string>>
  /** Program and first arguments of the command line; by default those of this package. */
  readonly command?: readonly [string, ...string[]]
  /** Called with each line of the launcher's log. */
  readonly log?: (line: LogLine) => void
  /** Milliseconds until the launcher must be ready; by default 30,000. */
  readonly readyMs?: number
  /** Milliseconds between health checks, and the timeout of each; by default 5,000. */
  readonly healthMs?: number
  /** Milliseconds between SIGTERM and SIGKILL when it stops; by default 15,000. */
  readonly stopMs?: number
}

/**
 * `starting` → `ready` ⇄ `unhealthy`. After an unexpected end: `restarting` → `starting`. Final: `stopped`, `failed`.
 */
export type LauncherState = 'starting' | 'ready' | 'unhealthy' | 'restarting' | 'stopped' | 'failed'

export interface LauncherEvents {
  starting: []
  ready: [ReadyLine]
  unhealthy: [{ message: string }]
  /**
   * It ended unexpectedly; the next one starts after `delayMs`. `error` is the cause if it was not ready yet.
   */
  restarting: [{ exit: Exit, delayMs: number, error?: Error }]
  stopped: [Exit]
  /** It ended in a way that a restart cannot fix. The error describes what to fix. */
  failed: [Error]
}

/**
 * Exit codes of a launcher that would fail again in the same way: wrong usage, scratch path in use, bad configuration.
 */
const FINAL_EXIT_CODES = [64, 73, 78]

/** The restart delay starts over after a launcher that ran this long. */
const STABLE_MS = 10_000

/**
 * Starts a launcher and resolves when it is ready. If the first start fails, rejects with the LauncherError of the
 * failed line, or with LauncherExited. Later restarts the launcher whenever it ends unexpectedly. Jobs outlive it.
 */
export async function startLauncher (options: LauncherOptions): Promise<Launcher> {
  const launcher = new Launcher(options)
  await launcher.start()
  return launcher
}

/** A supervised launcher. Created by startLauncher. */
export class Launcher extends EventEmitter<LauncherEvents> {
  readonly #options: LauncherOptions
  readonly #stopping = new AbortController()
  #child: Child | undefined
  #ready: ReadyLine | undefined
  #state: LauncherState = 'starting'
  #done: Promise<void> = Promise.resolve()

  constructor (options: LauncherOptions) {
    super()
    this.#options = options
  }

  get state (): LauncherState { return this.#state }

  /** The last ready line of the launcher: its address, pid, instance and the folder of its conf files. */
  get ready (): ReadyLine { return this.#ready! }

  /** Called once, by startLauncher. */
  async start (): Promise<void> {
    const child = this.#spawn()
    try {
      this.#becomeReady(await child.ready)
    } catch (error) {
      child.kill()
      await child.exited
      throw error
    }
    this.#done = this.#supervise(child)
  }

  /** Stops the launcher and resolves once it has ended. Jobs keep running. Safe to repeat. */
  async stop (): Promise<void> {
    this.#stopping.abort()
    await this.#child?.stop(this.#options.stopMs ?? 15_000)
    await this.#done
  }

  async #supervise (first: Child): Promise<void> {
    let child = first
    let attempt = 0
    let error: Error | undefined
    for (;;) {
      const startedAt = performance.now()
      const exit = await this.#untilExit(child, error === undefined)
      if (performance.now() - startedAt > STABLE_MS) attempt = 0
      if (this.#stopping.signal.aborted) return this.#enter('stopped', exit)
      if (FINAL_EXIT_CODES.includes(exit.code ?? 0)) {
        return this.#enter(
          'failed',
          error ?? new LauncherError('LauncherExited', `the launcher ended with ${describeExit(exit)}`, {
            exitCode: exit.code, signal: exit.signal
          })
        )
      }
      const delayMs = backoffMs(++attempt)
      this.#enter('restarting', { exit, delayMs, ...(error === undefined ? {} : { error }) })
      try {
        await delay(delayMs, undefined, { signal: this.#stopping.signal })
      } catch {
        return this.#enter('stopped', exit)
      }
      child = this.#spawn()
      error = await this.#waitForReady(child)
    }
  }

  #spawn (): Child {
    const { settings, set = {}, command = ownCommand(), log = () => {}, readyMs = 30_000 } = this.#options
    const overrides = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    this.#enter('starting')
    this.#child = startChild({
      command: [...command, 'serve', '--settings', settings, '--supervised', ...overrides],
      readyMs,
      log
    })
    return this.#child
  }

  async #waitForReady (child: Child): Promise<Error | undefined> {
    try {
      this.#becomeReady(await child.ready)
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  async #untilExit (child: Child, isReady: boolean): Promise<Exit> {
    const ended = new AbortController()
    const { healthMs = 5000 } = this.#options
    if (isReady) {
      watchHealth({
        address: this.ready.address,
        intervalMs: healthMs,
        timeoutMs: healthMs,
        signal: ended.signal,
        unhealthy: message => this.#enter('unhealthy', { message }),
        healthy: () => this.#becomeReady(this.ready),
        hung: child.kill
      })
    }
    try {
      return await child.exited
    } finally {
      ended.abort()
    }
  }

  #becomeReady (ready: ReadyLine): void {
    this.#ready = ready
    this.#enter('ready', ready)
  }

  #enter<S extends LauncherState> (state: S, ...details: LauncherEvents[S]): void {
    this.#state = state
    this.emit<LauncherState>(state, ...details as never)
  }
}

/**
 * The main file of this package is TypeScript in a checkout and JavaScript in an installed package. For the flags and
 * the variable, see docs/decisions/0018 and 0019.
 */
function ownCommand (): [string, ...string[]] {
  const main = new URL(`../main${extname(import.meta.url)}`, import.meta.url)
  return [
    '/usr/bin/env',
    'MALLOC_MMAP_THRESHOLD_=65536',
    process.execPath,
    '--max-semi-space-size=4',
    '--heap-growing-percent=50',
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(main)
  ]
}
