import t from 'tap'
import { slotWaitMessage, STORED_SLOT_WAIT, withSlotWait } from '../../../launcher/jobs/slot-wait.ts'
import type { SlotWait } from '../../../launcher/jobs/start-queue.ts'
import type { Job } from '../../../launcher/model/job.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const WAIT: SlotWait = { bound: 'cluster', max: 2, running: 2, position: 3, of: 12 }
const queue = { waitOf: () => WAIT }
const job: Job = {
  ...sampleJob(),
  user: 'ann',
  cluster: 'Local',
  status: 'Pending',
  revision: 1,
  lastUpdateTime: 0,
  submittedToBackend: false
}

t.test('the message names the bound, how many jobs run, and the position', async t => {
  t.equal(
    slotWaitMessage(WAIT, job),
    'The job waits for a slot: 2 of at most 2 jobs run on the cluster Local (max-running-jobs). Its position is 3 of ' +
    '12 waiting.'
  )
  t.equal(
    slotWaitMessage({ ...WAIT, bound: 'user' }, job),
    'The job waits for a slot: 2 of at most 2 jobs of ann run on the cluster Local (max-running-jobs of the ' +
    "user's profile). Its position is 3 of 12 waiting."
  )
})

t.test('a job that waits for a slot is shown with it, whether or not that is stored', async t => {
  const expected = { reason: 'WaitingForSlot', message: slotWaitMessage(WAIT, job) }
  t.match(withSlotWait(job, queue), expected)
  t.match(withSlotWait({ ...job, ...STORED_SLOT_WAIT }, queue), expected)
})

t.test('any other job is shown as it is', async t => {
  const others: Job[] = [{ ...job, status: 'Running' }, { ...job, reason: 'DataFull' }]
  for (const other of others) t.equal(withSlotWait(other, queue), other)
  t.equal(withSlotWait(job, { waitOf: () => undefined }), job)
  t.equal(withSlotWait(job, undefined), job)
})
