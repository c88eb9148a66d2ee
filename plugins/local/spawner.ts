// Starts processes from a thread of its own: a fork stops the thread that asks for it until the new program runs.

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface Spawned {
  readonly pid: number
  /** Resolves when the process may have ended: when it has, and when its thread is gone that would tell. */
  readonly ended: Promise<void>
}

export interface Spawner {
  /**
   * Starts `file` in the folder `cwd`, in a session of its own, with an empty environment and nothing for standard
   * input, output and error. Rejects with the system's error when no process can be made.
   */
  start (file: string, args: readonly string[], cwd: string): Promise<Spawned>
  /** Ends the thread; the processes live on. */
  close (): Promise<void>
}

/** What the thread is asked. */
export interface Wanted {
  readonly number: number
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
}

/** What it tells of a process: `pid` first, then `ended`; or only `failed`. */
export interface Answer {
  readonly number: number
  readonly pid?: number
  readonly ended?: true
  readonly failed?: { readonly message: string, readonly code: string | undefined }
}

interface Waiting {
  readonly started: PromiseWithResolvers<Spawned>
  readonly ended: PromiseWithResolvers<void>
}

/** Beside this file, as a source and in dist/. */
const THREAD = new URL(`./spawn-thread${extname(import.meta.filename)}`, import.meta.url)

/** The thread is made when the first process is, and anew when it is gone. */
export function createSpawner (): Spawner {
  const processes = new Map<number, Waiting>()
  let thread: Worker | undefined
  let unanswered = 0
  let last = 0

  function answered (): void {
    unanswered -= 1
    if (unanswered === 0) thread?.unref()
  }

  function take ({ number, pid, failed }: Answer): void {
    const { started, ended } = processes.get(number)!
    if (pid !== undefined) {
      answered()
      return started.resolve({ pid, ended: ended.promise })
    }
    processes.delete(number)
    if (failed === undefined) return ended.resolve()
    answered()
    started.reject(Object.assign(new Error(failed.message), { code: failed.code }))
  }

  function newThread (): Worker {
    const made = new Worker(THREAD)
    let reason: Error | undefined
    made.on('message', take)
    made.once('error', error => { reason = error })
    made.once('exit', () => {
      thread = undefined
      unanswered = 0
      const orphans = [...processes.values()]
      processes.clear()
      for (const { started, ended } of orphans) {
        started.reject(new Error('the thread that starts processes ended', { cause: reason }))
        ended.resolve()
      }
    })
    return made
  }

  return {
    async start (file, args, cwd) {
      thread ??= newThread()
      const waiting = { started: Promise.withResolvers<Spawned>(), ended: Promise.withResolvers<void>() }
      const wanted: Wanted = { number: ++last, file, args, cwd }
      processes.set(wanted.number, waiting)
      if (unanswered === 0) thread.ref()
      unanswered += 1
      thread.postMessage(wanted)
      return await waiting.started.promise
    },
    async close () {
      await thread?.terminate()
    }
  }
}
