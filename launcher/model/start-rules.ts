// What the operator's policy says about the order and the number of a user's running jobs. A part of the contract in
// launcher/plugin.ts.

import type { RuledBy } from './explanation.ts'

/** How many jobs may run at once, and which of them start first. A bound of 0 is missing here. */
export interface StartRules {
  /** How many jobs of all users may run at once; missing if the cluster has no bound. */
  readonly maxRunningJobs?: RuledBy<number>
  /** How many jobs of the user may run at once; missing if the user has no bound. */
  readonly maxRunningJobsOfUser?: RuledBy<number>
  /** Up to which number the priority of the user's jobs counts against jobs of other users; missing for 0. */
  readonly maxPriority?: RuledBy<number>
}
