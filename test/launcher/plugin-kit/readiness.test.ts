import t from 'tap'
import { knownLate, mayBecomeReady, readinessOf, type SeenReadiness } from '../../../launcher/plugin-kit/readiness.ts'
import type { Job } from '../../../launcher/plugin.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { sampleSubmission } from '../../fixtures/sample-submission.ts'

const exposedPorts = [{}, { ready: { tcp: true as const, timeoutSeconds: 10 } }, { ready: { httpPath: '/' } }]
const job = sampleJob({ submission: sampleSubmission({ exposedPorts }) })
const never = (): never => { throw new Error('called') }
const at = (job: Job, seen: SeenReadiness, seconds: number) => readinessOf(job, () => seen, () => seconds * 1000)

t.test('a job that is ready, or never says it, is not looked at', async t => {
  const silent = sampleJob({ submission: sampleSubmission({ exposedPorts: [{}] }) })
  const ending = { ...job, intent: { operation: 'stop', at: 1 } } as const
  for (const other of [{ ...job, readyTime: 5 }, ending, sampleJob(), silent]) {
    t.equal(mayBecomeReady(other), false)
    t.strictSame(readinessOf(other, never, never), {})
  }
  t.equal(mayBecomeReady(job), true)
})

t.test('the time when all ports had answered is reported, whatever the time', async t => {
  t.strictSame(at(job, { readyTime: 7 }, 1e6), { readyTime: 7 })
})

t.test('a port that is late for its own time gives the job a reason, and until then a time to look again', async t => {
  const both: SeenReadiness = { waiting: [{ index: 1, problem: 'nothing listens on port 80' }, { index: 2 }] }
  t.strictSame(at(job, both, 9), { requeueAfterMs: 1000 })
  t.strictSame(at(job, both, 10), {
    reason: 'NotReady',
    message: 'The program was not ready 10 s after its start (exposedPorts[1].ready): nothing listens on port 80. ' +
      'It runs on, and may still become ready.'
  })
  const last: SeenReadiness = { waiting: [{ index: 2 }] }
  t.strictSame(at(job, last, 10), { requeueAfterMs: 50_000 }, '60 s is the default')
  t.match(at(job, { waiting: [{ index: 2, problem: 'no reply' }] }, 60), {
    reason: 'NotReady', message: /not ready 60 s .*\(exposedPorts\[2\].ready\): no reply. It runs/
  })
})

t.test('a port at which no look has ended after its time is not late, and a job that was late stays so', async t => {
  const late = { reason: 'NotReady', message: 'm' } as const
  const both: SeenReadiness = { waiting: [{ index: 1 }, { index: 2 }] }
  t.strictSame(at(job, both, 20), { requeueAfterMs: 40_000 })
  t.strictSame(at(job, both, 70), {})
  t.strictSame(at({ ...job, ...late }, both, 20), { ...late, requeueAfterMs: 40_000 })
  t.strictSame(at({ ...job, ...late }, { waiting: [{ index: 2 }] }, 20), { requeueAfterMs: 40_000 })
  t.match(at(job, { waiting: [{ index: 1 }, { index: 2, problem: 'no reply' }] }, 70), { message: /Ports\[2\]/ })
  t.strictSame([knownLate({ ...late }), knownLate({ ...late, reason: 'QuotaExceeded' })], [late, {}])
})
