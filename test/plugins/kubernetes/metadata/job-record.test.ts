import t from 'tap'
import fc from 'fast-check'
import { terminatePatch } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { readRecord, RECORD, recordOf } from '../../../../plugins/kubernetes/metadata/job-record.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'

const job = sampleJob({
  submission: {
    name: 'report',
    command: 'true',
    tags: ['a'],
    metadata: { x: [1] },
    environment: [{ name: 'A', value: 'ü"\n' }],
    secrets: [{ name: 'TOKEN', value: 'hunter2' }],
    stdin: 'hunter3'
  }
})

t.test('a job is recovered without its secrets and its standard input, which are in no record', async t => {
  const record = recordOf(job)
  t.notMatch(record, /hunter/)
  const { secrets: _secrets, stdin: _stdin, ...submission } = job.submission
  t.strictSame(readRecord(job.id, { [RECORD]: record }), {
    id: job.id,
    user: job.user,
    submissionTime: job.submissionTime,
    submission
  })
})

t.test('the Idempotency-Key is recovered with the job, unless it has another shape', async t => {
  const idempotency = { user: '', key: 'k', bodyHash: 'h' }
  const record = recordOf({ ...job, idempotency })
  t.strictSame(readRecord(job.id, { [RECORD]: record })?.idempotency, idempotency)
  const damaged = JSON.stringify({ ...JSON.parse(record), idempotency: { user: '', key: 1 } })
  t.equal(readRecord(job.id, { [RECORD]: damaged })?.idempotency, undefined)
})

t.test('the array is recovered with the job, unless it has another shape', async t => {
  const array = { id: 'a', index: 1, count: 3 }
  const record = recordOf({ ...job, array })
  t.strictSame(readRecord(job.id, { [RECORD]: record })?.array, array)
  const damaged = JSON.stringify({ ...JSON.parse(record), array: { ...array, index: '1' } })
  t.equal(readRecord(job.id, { [RECORD]: damaged })?.array, undefined)
})

t.test('the requested operation is recovered with the job', async t => {
  const { annotations } = terminatePatch({ intent: { operation: 'stop', at: 7, by: { user: 'ann' } } }).metadata
  t.strictSame(readRecord(job.id, { [RECORD]: recordOf(job), ...annotations } as Record<string, string>)?.intent, {
    operation: 'stop',
    at: 7,
    by: { user: 'ann' }
  })
})

t.test('a record that is missing, truncated or of another job is undefined', async t => {
  t.equal(readRecord(job.id), undefined)
  t.equal(readRecord('other', { [RECORD]: recordOf(job) }), undefined)
  for (const text of ['', '{', 'null', '[]', '{}', recordOf(job).slice(0, -1)]) {
    t.equal(readRecord(job.id, { [RECORD]: text }), undefined, text)
  }
  for (const changes of [{ user: 1 }, { submissionTime: 'now' }, { submission: null }, { submission: {} }]) {
    t.equal(
      readRecord(job.id, { [RECORD]: JSON.stringify({ ...JSON.parse(recordOf(job)), ...changes }) }),
      undefined,
      JSON.stringify(changes)
    )
  }
  fc.assert(fc.property(fc.json(), text => { readRecord(job.id, { [RECORD]: text }) }))
})
