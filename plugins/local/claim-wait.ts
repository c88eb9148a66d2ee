// Observes a job that no supervisor has claimed, and spaces out the supervisors that are spawned for it.

import type { Observation } from '../../launcher/plugin.ts'
import { isClaimed, isPrepared } from './job-folder.ts'

/** Milliseconds until a job that its supervisor has not claimed yet is observed again. */
export const CLAIM_MS = 25
/** Milliseconds between the end of a supervisor that did not claim its job and the spawn of the next one. */
const RESPAWN_MS = 1000

export interface ClaimWait {
  /** Called when a supervisor of the job has ended. */
  ended (id: string): void
  /** `hasChild`: a supervisor that this launcher spawned for the job has not ended yet. */
  observe (id: string, hasChild: boolean): Observation
  forget (id: string): void
}

export function createClaimWait (
  folderOf: (id: string) => string,
  now: () => number = () => performance.now()
): ClaimWait {
  const since = new Map<string, number>()
  return {
    ended (id) {
      if (isPrepared(folderOf(id)) && !isClaimed(folderOf(id))) since.set(id, now())
    },
    observe (id, hasChild) {
      if (!isPrepared(folderOf(id))) return { state: 'absent' }
      if (hasChild) return { state: 'pending', requeueAfterMs: CLAIM_MS }
      const endedAt = since.get(id)
      if (endedAt === undefined || now() - endedAt >= RESPAWN_MS) return { state: 'created' }
      return {
        state: 'pending',
        requeueAfterMs: RESPAWN_MS,
        message: `The supervisor ended before it could write into ${folderOf(id)}. The launcher will start it again.`
      }
    },
    forget (id) { since.delete(id) }
  }
}
