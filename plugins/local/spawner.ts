// Starts processes from a separate thread, because a fork blocks the calling thread until the new program runs.

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface Spawned {
  readonly pid: number
  /** Resolves when the process has ended, and also if the thread that would report the end is gone. */
  readonly ended: Promise<void>
}

export interface Spawner {
  /**
   * Starts `file` in the folder `cwd`, in a session of its own, with an empty environment. Standard input, output and
   * error are /dev/null. Rejects with the system's error if no process can be created.
   */
  start (file: string, args: readonly string[], cwd: string): Promise<Spawned>
  /** Ends the thread. The processes continue to run. */
  close (): Promise<void>
}

/** A request to the thread. */
export interface Wanted {
  readonly number: number
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
}

/** A message about a process: first `pid`, later `ended`, or only `failed`. */
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

/** Next to this file, among the sources and in dist/. */
const THREAD = new URL(`./spawn-thread${extname(import.meta.filename)}`, import.meta.url)

/** Creates the thread with the first process, and again if it is gone. */
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
