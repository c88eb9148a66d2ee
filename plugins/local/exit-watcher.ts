// Notices when jobs end: our own children at once, those of an earlier launcher by a patrol.

import { hasExited, readProcessStat } from '../../launcher/lib/process-stat.ts'
import { createRings } from '../../launcher/lib/keyed-listeners.ts'
import type { Spawned } from './spawner.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

/** Milliseconds between two patrols. */
const PATROL_MS = 250
/** Jobs of which one patrol makes sure that the pid is still theirs; of the others only that there is one. */
const CHECKED_AT_ONCE = 50

export interface LiveJobs {
  /** Whether a supervisor that we spawned has not ended yet. */
  hasChild (id: string): boolean
  spawned (id: string, child: Pick<Spawned, 'ended'>): void
  /** A job that was seen to run; the patrol looks after it when it is not our child. */
  seen (id: string, supervisor: StartedSupervisor): void
  /** A job that was seen to be over. */
  over (id: string): void
  /** Calls `ring` when the job may be over, until the function it returns is called. */
  onOver (id: string, ring: () => void): () => void
  close (): void
}

/** `ended` is called when a supervisor is gone. */
export function createLiveJobs (ended: (id: string) => void): LiveJobs {
  const children = new Set<string>()
  const adopted = new Map<string, StartedSupervisor>()
  const ends = createRings()
  let patrolTimer: NodeJS.Timeout | undefined
  let checkFrom = 0
  let closed = false

  function gone (id: string): void {
    if (closed) return
    ends.ring(id)
    ended(id)
  }

  function patrol (): void {
    const jobs = [...adopted]
    if (checkFrom >= jobs.length) checkFrom = 0
    for (const [index, [id, supervisor]] of jobs.entries()) {
      const check = index >= checkFrom && index < checkFrom + CHECKED_AT_ONCE
      if (check ? isAlive(supervisor) : isTaken(supervisor.pid)) continue
      adopted.delete(id)
      gone(id)
    }
    checkFrom += CHECKED_AT_ONCE
    stopIdlePatrol()
  }

  function stopIdlePatrol (): void {
    if (adopted.size > 0) return
    clearInterval(patrolTimer)
    patrolTimer = undefined
  }

  return {
    hasChild: id => children.has(id),
    spawned (id, child) {
      children.add(id)
      child.ended.then(() => {
        children.delete(id)
        gone(id)
      })
    },
    seen (id, supervisor) {
      if (closed || children.has(id)) return
      adopted.set(id, supervisor)
      patrolTimer ??= setInterval(patrol, PATROL_MS).unref()
    },
    over (id) {
      adopted.delete(id)
      stopIdlePatrol()
      ends.ring(id)
    },
    onOver: ends.on,
    close () {
      closed = true
      adopted.clear()
      stopIdlePatrol()
    }
  }
}

/** The process that wrote that it started, and no later one with its pid. */
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
