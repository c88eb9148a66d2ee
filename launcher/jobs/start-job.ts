// Starts one job whose turn it is in the queue of starts, and decides what a failed start means.

import { isLauncherError, RetryableError, type LauncherError } from '../errors.ts'
import { turnForLarge } from '../lib/turn-for-large.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { canceled, START_RETRIED } from '../plugin-kit/outcomes.ts'
import type { Cluster } from './cluster.ts'
import { submissionSize } from './store/job-row.ts'
import { applyChange, msUntilStartTimeout, reconcileJob, type ReconcileContext } from './reconcile-job.ts'

/** The caller holds the job's lock. */
export async function startJob (id: string, cluster: Cluster, context: ReconcileContext): Promise<void> {
  cluster.retrying.delete(id)
  const job = context.store.get(id)
  if (job === undefined || isEnded(job.status)) return
  if (job.intent?.operation === 'cancel') return await applyChange(job, canceled(), context)
  if (msUntilStartTimeout(job, context) <= 0) return await reconcileJob(id, context)
  await turnForLarge(submissionSize(job))
  try {
    if (context.disk.state().full) throw new RetryableError('the disk of the launcher is full')
    await cluster.plugin.start(job)
  } catch (error) {
    return isLauncherError(error)
      ? await failForGood(job, error, context)
      : await retry(job, error, cluster, context)
  }
  await reconcileJob(id, context, true)
}

async function failForGood (job: Job, error: LauncherError, context: ReconcileContext): Promise<void> {
  context.requeue.forgetFailures(job.id)
  const message = `${error.message} ${error.help}`
  await applyChange(job, { status: 'Failed', reason: 'StartFailed', message }, context)
}

async function retry (job: Job, error: unknown, cluster: Cluster, context: ReconcileContext): Promise<void> {
  const { logOf, requeue } = context
  const isExpected = error instanceof RetryableError
  if (isExpected) logOf(job.id).warn({ err: error }, 'start failed, will retry')
  else logOf(job.id).error({ err: error }, 'start failed by a defect, will retry')
  cluster.retrying.add(job.id)
  // After a defect the program may be running.
  if (isExpected) cluster.starts.freeSlot(job.id)
  const change = {
    message: `${START_RETRIED}${(error as Error).message.replace(/\.$/, '')}.`,
    reason: isExpected ? error.reason : undefined
  }
  await applyChange(job, change, context)
  requeue.afterFailure(job.id, msUntilStartTimeout(job, context))
}
