// Starts one launcher process and reads its output. Restarts are in start-launcher.ts.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { LauncherError } from '../errors.ts'
import type { ReadyLine } from '../model/ready-line.ts'
import { parseLogLine, type LogLine } from './log-line.ts'
import { parseReadyLine } from './ready-line.ts'

export interface ChildOptions {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]]
  /** Milliseconds until the launcher must be ready. */
  readonly readyMs: number
  readonly log: (line: LogLine) => void
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly pid: number | undefined
  /** Rejects with the error of the failed line, or with LauncherExited if no line arrived in time or before the end. */
  readonly ready: Promise<ReadyLine>
  /** Resolves once the process has ended and its log was read to the end. Never rejects. */
  readonly exited: Promise<Exit>
  /** Ends its standard input and sends SIGTERM, then SIGKILL after `killAfterMs`. Resolves once it has ended. */
  stop (killAfterMs: number): Promise<Exit>
  kill (): void
}

export function startChild ({ command: [program, ...args], readyMs, log }: ChildOptions): Child {
  const launcher = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  launcher.stdin.on('error', () => {}) // A dead launcher does not read; its exit is reported instead.
  createInterface({ input: launcher.stderr }).on('line', line => log(parseLogLine(line)))

  let spawnError: Error | undefined
  const exited = new Promise<Exit>(resolve => {
    launcher.on('error', error => {
      spawnError = error
      if (launcher.pid === undefined) resolve({ code: null, signal: null })
    })
    launcher.on('close', (code, signal) => resolve({ code, signal }))
  })

  const kill = () => { launcher.kill('SIGKILL') }

  const ready = new Promise<ReadyLine>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new LauncherError('LauncherExited', `the launcher was not ready within ${readyMs / 1000} s, so it was killed`)
      )
      kill()
    }, readyMs)
    createInterface({ input: launcher.stdout }).on('line', line => {
      try {
        const readyLine = parseReadyLine(line)
        if (readyLine === undefined) return
        resolve(readyLine)
      } catch (error) {
        reject(error)
      }
      clearTimeout(timer)
    })
    exited.then(exit => {
      clearTimeout(timer)
      reject(
        new LauncherError(
          'LauncherExited',
          `the launcher ended before it was ready: ${describeExit(exit, spawnError)}`,
          { exitCode: exit.code, signal: exit.signal }
        )
      )
    })
  })
  ready.catch(() => {})

  async function stop (killAfterMs: number): Promise<Exit> {
    const cancel = new AbortController()
    launcher.stdin.end()
    launcher.kill('SIGTERM')
    delay(killAfterMs, undefined, { signal: cancel.signal }).then(kill, () => {})
    try {
      return await exited
    } finally {
      cancel.abort()
    }
  }

  return { pid: launcher.pid, ready, exited, stop, kill }
}

export function describeExit ({ code, signal }: Exit, spawnError?: Error): string {
  if (spawnError !== undefined) return spawnError.message
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}
