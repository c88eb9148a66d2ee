// Makes the jobs of an array from what they have in common, unless they are too many or too large.

import { invalidJob } from '../errors.ts'
import type { Job, JobSubmission } from '../model/job.ts'
import type { Cluster } from './cluster.ts'

/** Most characters of the submissions of an array: all its jobs are one write, which must not take long. */
const MAX_ARRAY_CHARS = 8_000_000

/** Throws InvalidJob, also for a dry run. */
export function checkArray (
  count: number, submission: JobSubmission, { name, config: { maxWaitingJobs } }: Pick<Cluster, 'name' | 'config'>
): void {
  if (count > maxWaitingJobs) {
    throw invalidJob(
      'count',
      `count is ${count}, but at most ${maxWaitingJobs} jobs may wait for the cluster ${name} (max-waiting-jobs).`,
      { cluster: name, maxWaitingJobs }
    )
  }
  const chars = JSON.stringify(submission).length * count
  if (chars <= MAX_ARRAY_CHARS) return
  throw invalidJob(
    'count',
    `An array of ${count} such jobs has ${chars} characters as JSON; the limit is ${MAX_ARRAY_CHARS}. Put what is ` +
    'large into a file that the jobs read, or submit smaller arrays.',
    { maxArrayChars: MAX_ARRAY_CHARS }
  )
}

/** The first id is also that of the array. */
export function newArray<Common extends object> (
  common: Common,
  count: number,
  newId: () => string
): Array<Common & Pick<Job, 'id'> & Required<Pick<Job, 'array'>>> {
  const ids = Array.from({ length: count }, newId)
  return ids.map((id, index) => ({ id, ...common, array: { id: ids[0]!, index, count } }))
}
