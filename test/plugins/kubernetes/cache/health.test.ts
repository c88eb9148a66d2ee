import t from 'tap'
import { healthOf, isFresh, type ContactState } from '../../../../plugins/kubernetes/cache/health.ts'

const contact = (changes: Partial<ContactState> = {}): ContactState =>
  ({ complete: true, ageMs: 74_999, error: undefined, ...changes })
const error = new Error('etcd is away')

t.test('a complete cache in contact is fresh and healthy for as long as bookmarks take to come', async t => {
  t.equal(isFresh(contact()), true)
  t.strictSame(healthOf(contact()), { ready: true })
  t.equal(isFresh(contact({ ageMs: 75_000 })), false)
  t.strictSame(healthOf(contact({ ageMs: 75_000 })), {
    ready: false,
    message: 'No contact with the cluster for 75 s. Run job-launcher doctor to find the cause.'
  })
})

t.test('a failure makes the cache stale at once, and the cluster unready after ten seconds', async t => {
  t.equal(isFresh(contact({ error, ageMs: 1 })), false)
  t.strictSame(healthOf(contact({ error, ageMs: 9999 })), { ready: true })
  t.strictSame(healthOf(contact({ error, ageMs: 10_000 })), {
    ready: false,
    message: 'No contact with the cluster for 10 s: etcd is away. Run job-launcher doctor to find the cause.'
  })
})

t.test('a cluster that was never listed is not ready, and the message ends a sentence once', async t => {
  const never = { complete: false, ageMs: Infinity }
  t.equal(isFresh(contact({ complete: false, ageMs: 1 })), false)
  t.match(healthOf(contact(never)), { message: /^No contact with the cluster yet\. Run / })
  t.match(healthOf(contact({ ...never, error: new Error('Refused!') })), { message: /yet: Refused! Run / })
})
