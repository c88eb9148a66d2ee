import t from 'tap'
import type { ClientJob } from '../../../launcher/client/client.ts'
import { jobColumns, shortAge } from '../../../launcher/cli/job-table.ts'

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

t.test('an age is shown in the largest unit of which it has at least two', async t => {
  const seconds = {
    0: '0s',
    1: '1s',
    119: '119s',
    120: '2m',
    7199: '119m',
    7200: '2h',
    172_799: '47h',
    172_800: '2d',
    8_640_000: '100d'
  }
  for (const [age, words] of Object.entries(seconds)) t.equal(shortAge(Number(age) * 1000), words, age)
})

t.test('a clock set back never gives a negative age', async t => {
  t.equal(shortAge(-5000), '0s')
})
