// The schemas of the words that several calls and replies share.

import { OneOf } from '../lib/one-of.ts'
import { JOB_OUTCOMES } from './job-outcome.ts'
import { JOB_STATUSES, OPERATIONS } from './status.ts'

export const StatusWord = OneOf(JOB_STATUSES, { title: 'JobStatus' })
export const OutcomeWord = OneOf(JOB_OUTCOMES, { title: 'JobOutcome' })
export const OperationWord = OneOf(OPERATIONS, { title: 'Operation' })
