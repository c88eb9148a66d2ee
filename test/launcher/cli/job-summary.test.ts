import t from 'tap'
import { summaryRows } from '../../../launcher/cli/job-summary.ts'

t.test('the total comes first, and values without a job have no row', async t => {
  const byStatus = { Pending: 0, Running: 1, Suspended: 0, Finished: 1, Failed: 0, Killed: 0, Canceled: 0 }
  const byOutcome = { succeeded: 0, failed: 1, stopped: 0, lost: 0 }
  const rest = { byUser: { ann: 2 }, byCluster: { Local: 2 }, complete: true }
  const rows = summaryRows({ count: 2, byStatus, byOutcome, ...rest })
  t.strictSame(rows.map(({ by, value, count }) => `${by} ${value} ${count}`), [
    'all  2', 'status Running 1', 'status Finished 1', 'outcome failed 1', 'user ann 2', 'cluster Local 2'
  ])
})
