import t from 'tap'
import { createConcurrencyLimit } from '../../../../plugins/kubernetes/output/concurrency-limit.ts'

/** What is under way, and what ends it. */
function scene (most: number) {
  const order: string[] = []
  const ends = new Map<string, () => void>()
  const { ask } = createConcurrencyLimit(most, async name => {
    order.push(name)
    await new Promise<void>(resolve => ends.set(name, resolve))
    ends.delete(name)
  })
  return {
    order,
    ask,
    async end (name: string) {
      ends.get(name)!()
      await new Promise(setImmediate)
    }
  }
}

t.test('no more than the bound have their turn at once, and who waits longest is next', async t => {
  const { order, ask, end } = scene(2)
  for (const name of ['a', 'b', 'c', 'd']) ask(name)
  t.strictSame(order, ['a', 'b'])
  await end('b')
  t.strictSame(order, ['a', 'b', 'c'])
  await end('a')
  await end('c')
  await end('d')
  ask('e')
  ask('f')
  ask('g')
  t.strictSame(order, ['a', 'b', 'c', 'd', 'e', 'f'], 'after all had theirs it is as before')
})

t.test('who asks again while he waits keeps his place, and while he has his turn gets another', async t => {
  const { order, ask, end } = scene(1)
  for (const name of ['a', 'b', 'c', 'b', 'a']) ask(name)
  for (const name of ['a', 'b', 'c']) await end(name)
  t.strictSame(order, ['a', 'b', 'c', 'a'])
})
