// Detects the end of jobs: of this launcher's children at once, of an earlier launcher's by polling.

import { EventEmitter } from 'node:events'
import { hasExited, readProcessStat } from '../../launcher/lib/process-stat.ts'
import type { Spawned } from './spawner.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

/** Milliseconds between two polls. */
const POLL_MS = 250
/** Jobs whose pid and start time one poll checks; for the others it checks only that the pid exists. */
const CHECKED_AT_ONCE = 50

export interface ExitWatcher {
  /** Whether a supervisor that this launcher spawned has not ended yet. */
  hasChild (id: string): boolean
  /** Returns the pid of such a supervisor. */
  childPid (id: string): number | undefined
  watchChild (id: string, child: Spawned): void
  /** Watches a running job, by polling if it is not a child of this launcher. */
  watch (id: string, supervisor: StartedSupervisor): void
  /** Stops watching a job that has ended. */
  markEnded (id: string): void
  /** Calls `listener` when the job may have ended, until the returned function is called. */
  onEnd (id: string, listener: () => void): () => void
  close (): void
}

/** Calls `ended` when a supervisor has exited. */
export function createExitWatcher (ended: (id: string) => void): ExitWatcher {
  /** Their pids. */
  const children = new Map<string, number>()
  const adopted = new Map<string, StartedSupervisor>()
  const ends = new EventEmitter<Record<string, []>>().setMaxListeners(0)
  let pollTimer: NodeJS.Timeout | undefined
  let checkFrom = 0
  let closed = false

  function gone (id: string): void {
    if (closed) return
    ends.emit(id)
    ended(id)
  }

  function poll (): void {
    const jobs = [...adopted]
    if (checkFrom >= jobs.length) checkFrom = 0
    for (const [index, [id, supervisor]] of jobs.entries()) {
      const check = index >= checkFrom && index < checkFrom + CHECKED_AT_ONCE
      if (check ? isAlive(supervisor) : isTaken(supervisor.pid)) continue
      adopted.delete(id)
      gone(id)
    }
    checkFrom += CHECKED_AT_ONCE
    stopIdlePolling()
  }

  function stopIdlePolling (): void {
    if (adopted.size > 0) return
    clearInterval(pollTimer)
    pollTimer = undefined
  }

  return {
    hasChild: id => children.has(id),
    childPid: id => children.get(id),
    watchChild (id, child) {
      children.set(id, child.pid)
      child.ended.then(() => {
        children.delete(id)
        gone(id)
      })
    },
    watch (id, supervisor) {
      if (closed || children.has(id)) return
      adopted.set(id, supervisor)
      pollTimer ??= setInterval(poll, POLL_MS).unref()
    },
    markEnded (id) {
      adopted.delete(id)
      stopIdlePolling()
      ends.emit(id)
    },
    onEnd (id, listener) {
      ends.on(id, listener)
      return () => ends.off(id, listener)
    },
    close () {
      closed = true
      adopted.clear()
      stopIdlePolling()
    }
  }
}

/** Whether this process lives, and not a later one with its pid. */
export function isAlive ({ pid, startTicks }: Pick<StartedSupervisor, 'pid' | 'startTicks'>): boolean {
  const stat = readProcessStat(pid)
  return stat !== undefined && stat.startTicks === startTicks && !hasExited(stat)
}

function isTaken (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
