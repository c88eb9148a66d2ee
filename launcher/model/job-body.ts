// The body of a submission: one job, or an array of jobs that differ only in their index.

import { Type, type Static } from 'typebox'
import { documentedAs } from '../lib/documented.ts'
import { MAX_ARRAY_COUNT } from './job-array.ts'
import { JobSubmission } from './job.ts'

const checked = Type.Object(
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

/**
 * Admission refuses a job with both or neither of the two. Generators of clients take this form. From `oneOf` with the
 * same meaning, some make a body of any type or nothing.
 */
const eitherProgram = {
  if: { properties: { command: {} }, required: ['command'] },
  then: { not: { properties: { exe: {} }, required: ['exe'] } },
  else: { properties: { exe: {} }, required: ['exe'] }
}

export const JobBody = documentedAs(checked, { ...checked, ...eitherProgram })

/** A submission of one job. */
export const SingleJobBody = documentedAs(JobSubmission, {
  ...JobSubmission, title: 'SingleJobSubmission', ...eitherProgram
})

export type JobBody = Static<typeof JobBody>
