import t from 'tap'
import { readJobKey } from '../../../launcher/model/job-key.ts'

t.test('a key is read from a record, and nothing else is', async t => {
  t.strictSame(readJobKey({ user: '', key: 'a/b', more: 1 }), { user: '', key: 'a/b' })
  for (const recorded of [undefined, null, 'a', {}, { user: 'a' }, { user: 1, key: 'a' }, { user: 'a', key: null }]) {
    t.equal(readJobKey(recorded), undefined)
  }
})
