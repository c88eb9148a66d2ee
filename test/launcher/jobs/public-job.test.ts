import t from 'tap'
import { JobSubmission } from '../../../launcher/model/job.ts'
import { PUBLIC_FIELDS, pickFields, publicJob } from '../../../launcher/jobs/public-job.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

t.test('no secret value and no standard input is shown', async t => {
  const shown = publicJob(
    sampleJob({
      submission: {
        name: 'n',
        exe: 'e',
        stdin: 'hush-stdin',
        secrets: [{ name: 'TOKEN', value: 'hush-value' }],
        environment: [{ name: 'A', value: 'b' }]
      }
    })
  )
  t.notMatch(JSON.stringify(shown), /hush/)
  t.strictSame(shown.secrets, [{ name: 'TOKEN' }])
  t.strictSame(shown.environment, [{ name: 'A', value: 'b' }])
})

t.test('times are ISO 8601, and unknown values are left out', async t => {
  const job = sampleJob({
    status: 'Finished',
    startTime: 0,
    endTime: 1500,
    exitCode: 0,
    reason: 'Exited',
    message: 'm',
    pid: 7,
    host: 'h',
    outputTruncated: { reason: 'LogRotated', message: 'm' }
  })
  t.strictSame(publicJob(job), {
    id: job.id,
    name: 'report',
    command: 'true',
    user: 'ann',
    cluster: 'Local',
    status: 'Finished',
    outcome: 'succeeded',
    revision: 1,
    submissionTime: '2023-11-14T22:13:20.000Z',
    lastUpdateTime: '2023-11-14T22:13:20.000Z',
    reason: 'Exited',
    message: 'm',
    exitCode: 0,
    outputTruncated: { reason: 'LogRotated', message: 'm' },
    pid: 7,
    host: 'h',
    startTime: '1970-01-01T00:00:00.000Z',
    endTime: '1970-01-01T00:00:01.500Z'
  })
  t.notOk('exitCode' in publicJob(sampleJob()))
  t.notOk('outcome' in publicJob(sampleJob({ status: 'Running', exitCode: 0 })))
})

t.test('addresses are shown until the end, and the time of readiness also after it', async t => {
  const network = {
    host: 'h',
    addresses: ['a'],
    ports: [{ targetPort: 1, publishedPort: 2, protocol: 'TCP' as const, address: 'a' }]
  }
  const readyTime = '1970-01-01T00:00:00.005Z'
  for (const status of ['Running', 'Suspended'] as const) {
    t.match(publicJob(sampleJob({ status, network, readyTime: 5 })), { network, readyTime })
  }
  t.match(publicJob(sampleJob({ status: 'Finished', network, readyTime: 5 })), { network: undefined, readyTime })
  t.notOk('network' in publicJob(sampleJob({ status: 'Finished', network })))
})

t.test("the job's own user and cluster are shown, not those of the submission", async t => {
  const shown = publicJob(
    sampleJob({ user: 'bob', cluster: 'Kubernetes', submission: { name: 'n', exe: 'e', user: 'x', cluster: 'y' } })
  )
  t.equal(shown.user, 'bob')
  t.equal(shown.cluster, 'Kubernetes')
})

t.test('every field of a submission except standard input can be shown', async t => {
  const hidden = Object.keys(JobSubmission.properties).filter(name => !PUBLIC_FIELDS.includes(name as never))
  t.strictSame(hidden, ['stdin'])
})

t.test('a selection of fields keeps the id and the named fields', async t => {
  const job = publicJob(sampleJob())
  t.strictSame(pickFields(job, ['status']), { id: job.id, status: 'Pending' })
  t.strictSame(pickFields(job, []), { id: job.id })
  t.equal(pickFields(job, undefined), job)
})
