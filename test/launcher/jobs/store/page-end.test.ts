import t from 'tap'
import { upToBytes } from '../../../../launcher/jobs/store/page-end.ts'

t.test('a page ends with the row that reaches the bytes, and has at least one row', async t => {
  const rows = [3, 4, 5].map(bytes => ({ bytes }))
  t.strictSame([1, 3, 4, 7, 8, 12, 13].map(maxBytes => upToBytes(maxBytes, rows).length), [1, 1, 2, 2, 3, 3, 3])
  t.strictSame(upToBytes(5, []), [])
})
