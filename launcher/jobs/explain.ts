// Tells what would become of a submission and why, by what admits one; nothing is stored.

import { collectRefusals } from '../plugin-kit/refusals.ts'
import type { Explanation } from '../plugin.ts'
import { checkJob, place, type AdmissionContext, type Placement } from './admit.ts'
import type { JobSubmission } from '../model/job.ts'

/** An explanation, and of whom and where. */
export interface Explained extends Explanation, Placement {}

/** Throws as `place`: where nobody may ask or there is no cluster, there is nothing to explain. */
export async function explain (submission: JobSubmission, context: AdmissionContext): Promise<Explained> {
  const placement = await place(submission, context)
  const { cluster, user, groups } = placement
  const refusals = collectRefusals()
  checkJob(submission, cluster, refusals)
  const { admitted, ...told } = await cluster.plugin.explain(submission, { user, groups })
  return {
    ...told,
    ...placement,
    ...(admitted !== undefined && refusals.all.length === 0 && { admitted }),
    refusals: [...refusals.all, ...told.refusals]
  }
}
