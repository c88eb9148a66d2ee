import t from 'tap'
import {
  JOB_STATUSES,
  NEXT_STATUS,
  OPERATION_FROM,
  OPERATIONS,
  canFollow,
  isEnded
} from '../../../launcher/model/status.ts'

const ALLOWED = [
  'Pending Running', 'Pending Failed', 'Pending Canceled', 'Pending Finished',
  'Running Suspended', 'Running Finished', 'Running Failed', 'Running Killed',
  'Suspended Running', 'Suspended Finished', 'Suspended Failed', 'Suspended Killed'
]

t.test('exactly the transitions of the status table are allowed', async t => {
  for (const from of JOB_STATUSES) {
    for (const to of JOB_STATUSES) {
      t.equal(canFollow(from, to), ALLOWED.includes(`${from} ${to}`), `${from} to ${to}`)
    }
  }
})

t.test('a status is final exactly if no other can follow', async t => {
  for (const status of JOB_STATUSES) t.equal(isEnded(status), NEXT_STATUS[status].length === 0, status)
})

t.test('no operation is possible on an ended job, and each is possible in some status', async t => {
  for (const operation of OPERATIONS) {
    t.ok(OPERATION_FROM[operation].length > 0, operation)
    t.notOk(OPERATION_FROM[operation].some(isEnded), operation)
  }
  t.strictSame(OPERATION_FROM, {
    suspend: ['Running'],
    resume: ['Suspended'],
    stop: ['Running', 'Suspended'],
    kill: ['Running', 'Suspended'],
    cancel: ['Pending']
  })
})
