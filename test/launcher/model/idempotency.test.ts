import fc from 'fast-check'
import t from 'tap'
import { readIdempotency } from '../../../launcher/model/idempotency.ts'

t.test('what a record has of a key is read back, and nothing of another shape', async t => {
  const recorded = { user: '', key: 'k', bodyHash: 'h' }
  t.strictSame(readIdempotency({ ...recorded, more: 1 }), recorded)
  for (const other of [undefined, null, 'k', [], {}, { ...recorded, key: 1 }, { user: '', key: 'k' }]) {
    t.equal(readIdempotency(other), undefined, JSON.stringify(other))
  }
  fc.assert(fc.property(fc.jsonValue(), value => { readIdempotency(value) }))
})
