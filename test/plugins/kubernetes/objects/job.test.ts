import t from 'tap'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { readAnnotations } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { readRecord } from '../../../../plugins/kubernetes/metadata/job-record.ts'
import { jobWith, settings } from '../sample-objects.ts'

t.test('a Job runs its pod once, has the labels of the instance, and contains the record of the job', async t => {
  const job = jobWith({ tags: ['a'] })
  const { metadata, spec, ...type } = jobObject(job, { ...settings, installation: 'site-1' })
  t.strictSame(type, { apiVersion: 'batch/v1', kind: 'Job' })
  t.match(metadata, {
    name: `job-${job.id}`,
    namespace: 'jobs',
    labels: { 'job-launcher/job': job.id, 'job-launcher/installation': 'site-1' }
  })
  t.match(spec, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    template: { metadata: { labels: metadata?.labels } }
  })
  t.strictSame(readRecord(job.id, metadata?.annotations), {
    id: job.id,
    user: job.user,
    submissionTime: job.submissionTime,
    submission: job.submission
  })
})

t.test('Kubernetes removes a Job an hour after the launcher would', async t => {
  t.equal(jobObject(jobWith(), settings).spec?.ttlSecondsAfterFinished, 25 * 3600)
  t.equal(jobObject(jobWith(), { ...settings, expiryHours: 0.0001 }).spec?.ttlSecondsAfterFinished, 3601)
})

t.test('a Job contains no secret, and runs as soon as it is created', async t => {
  for (const submission of [{ stdin: 'hunter2' }, { secrets: [{ name: 'TOKEN', value: 'hunter2' }] }]) {
    const object = jobObject(jobWith(submission), settings)
    t.notMatch(JSON.stringify(object), /hunter2/)
    t.strictSame(readAnnotations(object.metadata?.annotations), { paused: false })
  }
})
