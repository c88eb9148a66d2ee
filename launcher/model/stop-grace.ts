// How long a program has between SIGTERM and SIGKILL when its job is stopped.

import type { Job } from './job.ts'

/** Used if the submission does not specify the grace. */
const DEFAULT_SECONDS = 10

export function stopGraceMs ({ submission: { stopGraceSeconds = DEFAULT_SECONDS } }: Pick<Job, 'submission'>): number {
  return stopGraceSeconds * 1000
}
