import t from 'tap'
import { createConcurrencyLimit } from '../../../../plugins/kubernetes/output/concurrency-limit.ts'

/** A limit whose tasks run until `end` is called with their name. */
function controlledLimit (limit: number) {
  const order: string[] = []
  const ends = new Map<string, () => void>()
  const { enqueue } = createConcurrencyLimit(limit, async name => {
    order.push(name)
    await new Promise<void>(resolve => ends.set(name, resolve))
    ends.delete(name)
  })
  return {
    order,
    enqueue,
    async end (name: string) {
      ends.get(name)!()
      await new Promise(setImmediate)
    }
  }
}

t.test('at most limit tasks run at once, in the order of the queue', async t => {
  const { order, enqueue, end } = controlledLimit(2)
  for (const name of ['a', 'b', 'c', 'd']) enqueue(name)
  t.strictSame(order, ['a', 'b'])
  await end('b')
  t.strictSame(order, ['a', 'b', 'c'])
  await end('a')
  await end('c')
  await end('d')
  enqueue('e')
  enqueue('f')
  enqueue('g')
  t.strictSame(order, ['a', 'b', 'c', 'd', 'e', 'f'], 'the limit applies again after the queue was empty')
})

t.test('a name queued twice keeps its place, and a name queued while it runs is run again', async t => {
  const { order, enqueue, end } = controlledLimit(1)
  for (const name of ['a', 'b', 'c', 'b', 'a']) enqueue(name)
  for (const name of ['a', 'b', 'c']) await end(name)
  t.strictSame(order, ['a', 'b', 'c', 'a'])
})
