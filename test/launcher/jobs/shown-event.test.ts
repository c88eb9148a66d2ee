import t from 'tap'
import { shownEvent } from '../../../launcher/jobs/shown-event.ts'
import type { Job } from '../../../launcher/model/job.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const pending: Job = { ...sampleJob(), status: 'Pending', revision: 1, lastUpdateTime: 1, submittedToBackend: false }
const running: Job = { ...pending, status: 'Running', revision: 2 }

t.test('a job is shown while it matches, and its removal once it does not', async t => {
  const store = { before: (job: Job) => job === running ? pending : undefined }
  t.equal(shownEvent(store, { statuses: ['Running'] }, running), running)
  t.strictSame(
    shownEvent(store, { statuses: ['Pending'] }, running),
    { removed: 'unmatched', job: running, revision: 2 }
  )
  t.equal(shownEvent(store, { statuses: ['Failed'] }, running), undefined, 'it did not match before')
  t.equal(shownEvent(store, { statuses: ['Running'] }, pending), undefined, 'there is no before')
})

t.test('the store is asked once for many streams, and not for a job that can never match', async t => {
  let asked = 0
  const store = { before () { asked++; return undefined } }
  const job = { ...running }
  t.equal(shownEvent(store, { users: ['other'], statuses: ['Pending'] }, job), undefined)
  t.equal(asked, 0)
  for (let i = 0; i < 3; i++) shownEvent(store, { statuses: ['Pending'] }, job)
  t.equal(asked, 1)
})

t.test('the removal of a job from the store is shown whatever its status was, if the rest matches', async t => {
  const store = { before: () => undefined }
  const event = { removed: 'deleted', job: pending, revision: 3 } as const
  t.equal(shownEvent(store, { statuses: ['Running'], outcomes: ['failed'] }, event), event)
  t.equal(shownEvent(store, { id: pending.id }, event), event)
  t.equal(shownEvent(store, { users: ['other'] }, event), undefined)
})
