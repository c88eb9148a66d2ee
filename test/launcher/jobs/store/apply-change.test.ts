import t from 'tap'
import { applyChange } from '../../../../launcher/jobs/store/apply-change.ts'
import { JOB_STATUSES, canFollow, isEnded } from '../../../../launcher/model/status.ts'
import { truncated } from '../../../../launcher/model/output-truncated.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'

const now = (): number => 77
const job = sampleJob({ status: 'Running', reason: 'r', message: 'm', pid: 1, host: 'h' })

t.test('a change of status or of the explanation is a transition, and others are not', async t => {
  t.match(applyChange(job, { status: 'Suspended' }, now), { job: { status: 'Suspended' }, isTransition: true })
  t.match(applyChange(job, { message: 'n' }, now), { job: { message: 'n', reason: 'r' }, isTransition: true })
  t.match(applyChange(job, { reason: undefined }, now), { job: { reason: undefined }, isTransition: true })
  const outputTruncated = truncated('LogRotated')
  t.match(applyChange(job, { outputTruncated }, now), { job: { outputTruncated }, isTransition: true })
  t.match(applyChange(job, { readyTime: 5 }, now), { job: { readyTime: 5 }, isTransition: true })
  const network = { host: 'h', addresses: ['a'], ports: [] }
  t.match(applyChange(job, { network }, now), { job: { network }, isTransition: true })
  t.equal(applyChange({ ...job, network }, { network: { ...network } }, now), undefined)
  t.equal(applyChange({ ...job, outputTruncated }, { outputTruncated: { ...outputTruncated } }, now), undefined)
  for (const change of [{ pid: 2 }, { host: 'i' }, { submittedToBackend: !job.submittedToBackend }]) {
    t.match(applyChange(job, change, now), { job: change, isTransition: false })
  }
  t.match(job, { status: 'Running', reason: 'r', message: 'm' }, 'the job itself never changes')
})

t.test('a change to the same values is ignored', async t => {
  for (const change of [{}, { status: 'Running', reason: 'r', message: 'm', pid: 1, host: 'h' }] as const) {
    t.equal(applyChange(job, change, now), undefined)
  }
})

t.test('the status table decides which change is ignored, and an ended job never changes', async t => {
  for (const status of JOB_STATUSES) {
    for (const next of JOB_STATUSES.filter(next => next !== status)) {
      const changed = applyChange(sampleJob({ status }), { status: next }, now)
      t.equal(changed?.job.status, canFollow(status, next) ? next : undefined, `${status} to ${next}`)
    }
    if (isEnded(status)) t.equal(applyChange(sampleJob({ status }), { message: 'late' }, now), undefined, status)
  }
})

t.test('only a job that ends without an end time ends now', async t => {
  t.equal(applyChange(job, { status: 'Failed' }, now)!.job.endTime, 77)
  t.equal(applyChange(job, { status: 'Failed', endTime: 5 }, now)!.job.endTime, 5)
  t.equal(applyChange(job, { status: 'Suspended' }, now)!.job.endTime, undefined)
})
