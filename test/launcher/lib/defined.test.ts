import t from 'tap'
import { defined } from '../../../launcher/lib/defined.ts'

t.test('undefined properties are left out, and no others', async t => {
  const result: { a: number, b?: string } = defined({ a: 1, b: undefined as string | undefined })
  t.strictSame(result, { a: 1 })
  t.strictSame(defined({ a: null, b: 0, c: '' }), { a: null, b: 0, c: '' })
})
