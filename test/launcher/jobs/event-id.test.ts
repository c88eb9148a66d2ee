import t from 'tap'
import { EVENT_ID, eventId, revisionOf } from '../../../launcher/jobs/event-id.ts'

const here = { databaseId: () => '01234567' }

t.test('an id of this database has its revision; no other has one that could be reached', async t => {
  t.equal(eventId(here, 12), '01234567-12')
  t.equal(revisionOf(here, '01234567-12'), 12)
  for (const other of ['01234568-12', '12', '0123456']) t.equal(revisionOf(here, other), Infinity, other)
})

t.test('ids with and without a database are ids, other text is not', async t => {
  const isId = (text: string): boolean => new RegExp(EVENT_ID).test(text)
  t.ok(['01234567-12', '12', '176000000000000'].every(isId))
  t.notOk(['', 'x', '-1', '01234567-', '1-2', '01234567-1.5', '1'.repeat(16)].some(isId))
})
