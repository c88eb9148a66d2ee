import t from 'tap'
import { fieldsOf, filterOf } from '../../../launcher/http/job-query.ts'

const host = { user: undefined, admin: true }
const ann = { user: 'ann', admin: false }
const jobs = { requireKnownClusters () {} }

t.test('words may be repeated, separated with commas, or both; tags are taken literally', async t => {
  t.strictSame(
    filterOf(
      {
        status: ['Running,Pending', ' Failed ', ''],
        user: ['ann,bob,ann'],
        cluster: ['Local'],
        array: ['x,y'],
        tag: ['a,b', 'c']
      },
      host,
      jobs
    ),
    {
      statuses: ['Running', 'Pending', 'Failed'],
      tags: ['a,b', 'c'],
      users: ['ann', 'bob'],
      clusters: ['Local'],
      arrays: ['x', 'y']
    }
  )
  t.strictSame(filterOf({}, host, jobs), {})
})

t.test('outcomes, reasons, exit codes and names are separated as words are', async t => {
  t.strictSame(
    filterOf(
      {
        outcome: ['failed,lost'],
        reason: ['OutOfMemory', 'Exited'],
        exitCode: ['0,137', '255'],
        name: ['report-*,a b']
      },
      host,
      jobs
    ),
    {
      outcomes: ['failed', 'lost'],
      reasons: ['OutOfMemory', 'Exited'],
      exitCodes: [0, 137, 255],
      names: ['report-*', 'a b']
    }
  )
})

t.test('an impossible outcome, reason or exit code is refused with the field, the value and its form', async t => {
  for (const [query, message] of [
    [
      { outcome: ['failed,Success'] },
      'outcome (query): Success is not an outcome. The outcomes are: succeeded, failed, stopped, lost.'
    ],
    [
      { reason: ['OutofMemory'] },
      'reason (query): OutofMemory is not a reason. A reason is a word such as Exited; did you mean OutOfMemory?'
    ],
    [
      { reason: ['x'] },
      'reason (query): x is not a reason. A reason is a word such as Exited; docs/reference/reasons.md lists them.'
    ],
    ...['256', '-1', '1.5', '0x1', '1e2', '٣', 'NaN', '0000'].map(text => [
      { exitCode: [`0,${text}`] },
      `exitCode (query): ${text} is not an exit code, which is a whole number from 0 to 255.`
    ])
  ] as Array<[object, string]>) t.throws(() => filterOf(query, host, jobs), { code: 'InvalidRequest', message })
})

t.test('times are read with their zone', async t => {
  t.strictSame(filterOf({ since: '2016-12-31T23:59:60Z' }, host, jobs), { since: Date.UTC(2016, 11, 31, 23, 59, 59) })
  t.strictSame(filterOf({ since: '1970-01-01T00:00:01Z', until: '1970-01-01T01:00:02+01:00' }, host, jobs), {
    since: 1000,
    until: 2000
  })
})

t.test('users see their own jobs only, whatever they request', async t => {
  t.strictSame(filterOf({}, ann, jobs), { users: ['ann'] })
  t.strictSame(filterOf({ user: ['ann,bob'] }, ann, jobs), { users: ['ann'] })
  t.strictSame(filterOf({ user: ['bob'] }, ann, jobs), { users: [] })
})

t.test('a status or field that does not exist is refused, and the message lists those that do', async t => {
  t.throws(() => filterOf({ status: ['running'] }, host, jobs), {
    code: 'InvalidRequest',
    message: /^status \(query\): running is not a status\. The statuses are: Pending, Running/
  })
  t.throws(() => fieldsOf({ fields: ['id,stdin'] }), {
    code: 'InvalidRequest',
    message: /^fields \(query\): stdin is not a field of a job\. The fields are: id, name/
  })
  t.strictSame(fieldsOf({ fields: ['id,status', 'tags'] }), ['id', 'status', 'tags'])
  t.equal(fieldsOf({}), undefined)
})
