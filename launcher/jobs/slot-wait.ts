// What a job shows that waits for a slot. The position is put in when the job is shown, so that it costs no write.

import type { Job } from '../model/job.ts'
import type { SlotWait, StartQueue } from './start-queue.ts'

/** What is stored with the job. */
export const STORED_SLOT_WAIT = {
  reason: 'WaitingForSlot',
  message: 'The job waits for a slot, which it gets when another job ends.'
} as const satisfies Pick<Job, 'reason' | 'message'>

/** Returns the job with what it waits for now, unless it waits for something else than a slot. */
export function withSlotWait (job: Job, queue: Pick<StartQueue, 'waitOf'> | undefined): Job {
  if (job.status !== 'Pending' || (job.reason ?? STORED_SLOT_WAIT.reason) !== STORED_SLOT_WAIT.reason) return job
  const wait = queue?.waitOf(job.id)
  return wait === undefined ? job : { ...job, reason: STORED_SLOT_WAIT.reason, message: slotWaitMessage(wait, job) }
}

export function slotWaitMessage (
  { bound, max, running, position, of }: SlotWait, { cluster, user }: Pick<Job, 'cluster' | 'user'>
): string {
  const [whose, key] = bound === 'user'
    ? [` of ${user}`, "max-running-jobs of the user's profile"]
    : ['', 'max-running-jobs']
  return `The job waits for a slot: ${running} of at most ${max} jobs${whose} run on the cluster ${cluster} ` +
    `(${key}). Its position is ${position} of ${of} waiting.`
}
