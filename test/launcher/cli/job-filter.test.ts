import t from 'tap'
import { filterOf } from '../../../launcher/cli/job-filter.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

t.test('words may be repeated, separated with commas and of any case; tags are taken literally', async t => {
  t.match(
    filterOf({ status: ['finished,Failed', 'running'], outcome: ['lost'], failed: true, tag: ['a,b'] }, NOW),
    { status: ['Finished', 'Failed', 'Running'], outcome: ['lost', 'failed'], tag: ['a,b'] }
  )
  t.match(filterOf({ 'exit-code': ['0,137'], reason: ['outofmemory'], name: ['a*', 'b'] }, NOW), {
    exitCode: [0, 137], reason: ['OutOfMemory'], name: ['a*', 'b']
  })
})

t.test('an age counts back from now, and a time stays', async t => {
  t.equal(filterOf({ since: '2h' }, NOW).since, '2026-01-31T10:00:00.000Z')
  t.equal(filterOf({ since: '2026-01-31T12:00:00Z' }, NOW).since, '2026-01-31T12:00:00.000Z')
})

t.test('an impossible value is refused with what is possible', async t => {
  for (const [values, message] of [
    [{ status: ['Runing'] }, /^--status Runing: there is no such status; did you mean Running\?/],
    [{ status: ['xxxxxxxxxx'] }, /the statuses are Pending, Running/],
    [
      { outcome: ['fail'] },
      /^--outcome fail: there is no such outcome; the outcomes are succeeded, failed, stopped, lost/
    ],
    [{ reason: ['OutOfMemori'] }, /no such reason; did you mean OutOfMemory\?/],
    [{ 'exit-code': ['256'] }, /^--exit-code 256: must be a whole number from 0 to/],
    [{ since: 'yesterday' }, /^--since yesterday: neither a time .* nor an age/]
  ] as const) t.throws(() => filterOf(values as never, NOW), { code: 'UsageError', message })
})
