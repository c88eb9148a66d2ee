import t from 'tap'
import type { ClientJob } from '../../../launcher/client/client.ts'
import { jobColumns } from '../../../launcher/cli/job-table.ts'

const JOB: ClientJob = {
  id: 'i',
  name: 'report',
  user: 'ann',
  cluster: 'Local',
  status: 'Finished',
  revision: 1,
  submissionTime: '2026-01-01T00:00:00.000Z',
  startTime: '2026-01-01T00:00:10.000Z',
  endTime: '2026-01-01T00:00:15.000Z',
  lastUpdateTime: '2026-01-01T00:00:15.000Z',
  exitCode: 3,
  reason: 'Exited'
}
const now = () => Date.parse('2026-01-01T01:00:00.000Z')
const cells = (job: ClientJob) => jobColumns(now).map(({ value }) => value(job))

t.test('an ended job shows its exit code, its age and its duration', async t => {
  t.same(cells(JOB), ['i', 'report', 'ann', 'Local', 'Finished', '3', '60m', '5s', 'Exited'])
})

t.test('a running job shows how long it has been running, a waiting job shows no duration', async t => {
  const { startTime, endTime, exitCode, reason, ...waiting } = JOB
  t.same(cells({ ...waiting, status: 'Running', startTime: '2026-01-01T00:59:00.000Z' }).slice(4), [
    'Running',
    '',
    '60m',
    '60s',
    ''
  ])
  t.same(cells({ ...waiting, status: 'Pending' }).slice(4), ['Pending', '', '60m', '', ''])
})
