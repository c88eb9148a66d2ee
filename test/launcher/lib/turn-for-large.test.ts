import t from 'tap'
import { isLarge, turnForLarge } from '../../../launcher/lib/turn-for-large.ts'

t.test('a step with more than 131,072 characters gets a turn of its own, a smaller one does not', async t => {
  const order: string[] = []
  const turn = new Promise<void>(resolve => setImmediate(() => { order.push('other work'); resolve() }))
  await turnForLarge(131_072)
  order.push('small')
  await turnForLarge(131_073)
  order.push('large')
  await turn
  t.strictSame(order, ['small', 'other work', 'large'])
  t.strictSame([isLarge(131_072), isLarge(131_073), isLarge(Infinity)], [false, true, true])
})
