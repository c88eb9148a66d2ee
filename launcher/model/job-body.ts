// The body of a submission: one job, or an array of jobs that differ only in their index.

import { Type, type Static } from 'typebox'
import { MAX_ARRAY_COUNT } from './job-array.ts'
import { JobSubmission } from './job.ts'

export const JobBody = Type.Object(
  {
    ...JobSubmission.properties,
    count: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: MAX_ARRAY_COUNT,
        description:
          'Makes an array of this many jobs, all or none. Each has its own id, and finds the id of the array, its ' +
          'index from 0 and the count in JOB_ARRAY_ID, JOB_ARRAY_INDEX and JOB_ARRAY_COUNT.'
      })
    )
  },
  { additionalProperties: false, title: 'JobSubmission' }
)

export type JobBody = Static<typeof JobBody>
