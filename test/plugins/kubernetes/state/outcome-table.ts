// The outcome table: snapshots of a job, and the outcome of each. Add a case to the file of its topic.

import { CLUSTER_OUTCOMES } from './outcome-cluster-cases.ts'
import { PROGRAM_OUTCOMES } from './outcome-program-cases.ts'
import { REQUESTED_OUTCOMES } from './outcome-requested-cases.ts'

export const OUTCOMES = [...PROGRAM_OUTCOMES, ...CLUSTER_OUTCOMES, ...REQUESTED_OUTCOMES]
