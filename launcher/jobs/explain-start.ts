// Explains when an accepted job would start: what its priority counts for, and how many jobs may run at once.

import { sharedPriority } from '../model/priority.ts'
import type { ExpectedWait, JobSubmission, StartRules, Subject } from '../plugin.ts'
import type { Cluster } from './cluster.ts'
import { STORED_SLOT_WAIT } from './slot-wait.ts'

export interface ExplainedStart extends StartRules {
  readonly priority: number
  /** The priority that counts against jobs of other users. */
  readonly sharedPriority: number
}

export function explainStart (
  { priority = 0 }: JobSubmission, subject: Subject, { startRules }: Pick<Cluster, 'startRules'>
): ExplainedStart {
  const rules = startRules(subject)
  return { priority, sharedPriority: sharedPriority(priority, rules.maxPriority?.value), ...rules }
}

/** Returns undefined if the job would find a slot now. */
export function expectedSlotWait (
  subject: Subject, { starts, accepting }: Pick<Cluster, 'starts' | 'accepting'>
): ExpectedWait | undefined {
  return starts.roomFor(subject) > accepting ? undefined : { state: 'waits', ...STORED_SLOT_WAIT }
}
