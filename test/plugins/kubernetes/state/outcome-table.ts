// The outcome table: snapshots of a job, and the outcome of each. Add a case to the file of its topic. The page
// docs/reference/outcomes.md is written from it.

import { CLUSTER_OUTCOMES } from './outcome-cluster-cases.ts'
import type { OutcomeRow } from './outcome-fixtures.ts'
import { PROGRAM_OUTCOMES } from './outcome-program-cases.ts'
import { REQUESTED_OUTCOMES } from './outcome-requested-cases.ts'

export const OUTCOME_GROUPS: ReadonlyArray<[title: string, rows: readonly OutcomeRow[]]> = [
  ['The program ended, or could not be started', PROGRAM_OUTCOMES],
  ['The cluster or another client ended it', CLUSTER_OUTCOMES],
  ['A request or a deadline ended it', REQUESTED_OUTCOMES]
]

export const OUTCOMES = OUTCOME_GROUPS.flatMap(([, rows]) => rows)
