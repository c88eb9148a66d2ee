// The host's side of supervision: spawns a launcher, keeps it running, and stops it with the host.

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
  /** Settings that win over the file, such as `{ 'Launcher.ScratchPath': '/srv/host/launcher' }`. */
  readonly set?: Readonly<Record<string, string>>
  /** Program and first arguments of the command line; this package's own when it is left out. */
  readonly command?: readonly [string, ...string[]]
  /** Takes each line of the launcher's log. */
  readonly log?: (line: LogLine) => void
  /** Milliseconds the launcher may take to be ready; 30,000 when it is left out. */
  readonly readyMs?: number
  /** Milliseconds between health checks, and for the answer to one; 5,000 when it is left out. */
  readonly healthMs?: number
  /** Milliseconds between asking it to stop and killing it; 15,000 when it is left out. */
  readonly stopMs?: number
}

/** `starting` → `ready` ⇄ `unhealthy`; when it dies `restarting` → `starting`; at the end `stopped`, or `failed`. */
export type LauncherState = 'starting' | 'ready' | 'unhealthy' | 'restarting' | 'stopped' | 'failed'

export interface LauncherEvents {
  starting: []
  ready: [ReadyLine]
  unhealthy: [{ message: string }]
  /**
   * It ended without being asked to; the next one starts after `delayMs`. `error` says why when it was not ready yet.
   */
  restarting: [{ exit: Exit, delayMs: number, error?: Error }]
  stopped: [Exit]
  /** It ended in a way that starting it again cannot mend: the error says what to mend. */
  failed: [Error]
}

/**
 * Exit codes of a launcher that would fail the same way again: usage, a scratch path that is taken, bad configuration.
 */
const FINAL_EXIT_CODES = [64, 73, 78]

/** A launcher that ran this long is started again without growing delay. */
const STEADY_MS = 10_000

/**
 * Starts a launcher and resolves when it is ready. Rejects with the LauncherError of its failed line, or with
 * LauncherExited, when the first start fails. From then on it is started again whenever it dies. Jobs outlive it.
 */
export async function startLauncher (options: LauncherOptions): Promise<Launcher> {
  const launcher = new Launcher(options)
  await launcher.start()
  return launcher
}

/** A launcher that is kept running. Made by startLauncher. */
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

  /** What the launcher said when it was last ready: its address, pid, instance and the folder of its conf files. */
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
    this.#done = this.#keep(child)
  }

  /** Ends the launcher and waits until it is gone; running jobs go on. Safe to repeat. */
  async stop (): Promise<void> {
    this.#stopping.abort()
    await this.#child?.stop(this.#options.stopMs ?? 15_000)
    await this.#done
  }

  async #keep (first: Child): Promise<void> {
    let child = first
    let attempt = 0
    let error: Error | undefined
    for (;;) {
      const since = performance.now()
      const exit = await this.#untilExit(child, error === undefined)
      if (performance.now() - since > STEADY_MS) attempt = 0
      if (this.#stopping.signal.aborted) return this.#enter('stopped', exit)
      if (FINAL_EXIT_CODES.includes(exit.code ?? 0)) {
        return this.#enter(
          'failed',
          error ?? new LauncherError('LauncherExited', `the launcher ended with ${describeExit(exit)}`, { ...exit })
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
        everyMs: healthMs,
        deadlineMs: healthMs,
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

  #enter<S extends LauncherState> (state: S, ...facts: LauncherEvents[S]): void {
    this.#state = state
    this.emit<LauncherState>(state, ...facts as never)
  }
}

/**
 * This package's main runs as source in a checkout and as JavaScript when it is installed. The flags and the variable:
 * docs/decisions/0018, 0019.
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
