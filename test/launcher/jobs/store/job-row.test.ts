import t from 'tap'
import { CHANGING_COLUMNS, changingValues, jobOf, type Row } from '../../../../launcher/jobs/store/job-row.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import type { Job } from '../../../../launcher/model/job.ts'

function rowOf (job: Job): Row {
  return {
    id: job.id,
    user: job.user,
    cluster: job.cluster,
    submission: JSON.stringify(job.submission),
    submission_time: job.submissionTime,
    ...Object.fromEntries(changingValues(job).map((value, index) => [CHANGING_COLUMNS[index]!, value]))
  }
}

t.test('a job with every field is equal after its row', async t => {
  const job = sampleJob({
    status: 'Killed',
    revision: 9,
    submittedToBackend: true,
    startTime: 0,
    endTime: 2,
    reason: 'r',
    message: 'm',
    exitCode: 0,
    pid: 0,
    host: 'h',
    intent: { operation: 'kill', at: 3 },
    outputTruncated: { reason: 'LogRotated', message: 'm' }
  })
  t.strictSame(jobOf(rowOf(job)), job)
})

t.test('unknown values are left out', async t => {
  const job = sampleJob()
  t.strictSame(jobOf(rowOf(job)), job)
  t.notOk('startTime' in jobOf(rowOf(job)))
})
