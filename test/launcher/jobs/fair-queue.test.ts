import PQueue from 'p-queue'
import t from 'tap'
import { FairQueue, type FairOptions } from '../../../launcher/jobs/fair-queue.ts'

t.test('one user\'s thousand starts do not delay another\'s first', async t => {
  const queue = new PQueue<FairQueue, FairOptions>({ concurrency: 2, queueClass: FairQueue, autoStart: false })
  const order: string[] = []
  for (let i = 0; i < 1000; i++) queue.add(async () => { order.push(`ann ${i}`) }, { user: 'ann' })
  for (let i = 0; i < 3; i++) queue.add(async () => { order.push(`bob ${i}`) }, { user: 'bob' })
  queue.add(async () => { order.push('cat 0') }, { user: 'cat' })
  t.equal(queue.size, 1004)
  queue.start()
  await queue.onIdle()
  t.strictSame(order.slice(0, 7), ['ann 0', 'bob 0', 'cat 0', 'ann 1', 'bob 1', 'ann 2', 'bob 2'])
  t.equal(
    order.filter(name => name.startsWith('ann')).join(),
    Array.from({ length: 1000 }, (_, i) => `ann ${i}`).join(),
    "each user's own keep their order"
  )
  t.equal(order.length, 1004)
  t.equal(queue.size, 0)
})

t.test('a user who arrives while others wait comes next after those already due', async t => {
  const queue = new PQueue<FairQueue, FairOptions>({ concurrency: 1, queueClass: FairQueue })
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  queue.add(() => gate.promise, { user: 'ann' })
  for (let i = 0; i < 10; i++) queue.add(async () => { order.push(`ann ${i}`) }, { user: 'ann' })
  queue.add(async () => { order.push('bob') }, { user: 'bob' })
  gate.resolve()
  await queue.onIdle()
  t.strictSame(order.slice(0, 3), ['ann 0', 'bob', 'ann 1'])
})

t.test('the bound limits the starts that run at the same time', async t => {
  const queue = new PQueue<FairQueue, FairOptions>({ concurrency: 4, queueClass: FairQueue })
  let running = 0
  let most = 0
  await Promise.all(Array.from({ length: 100 }, (_, i) => queue.add(async () => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setImmediate(resolve))
    running--
  }, { user: String(i % 7) })))
  t.equal(most, 4)
})

t.test('an empty queue returns nothing, and starts without a user share one turn', async t => {
  const queue = new FairQueue()
  t.equal(queue.dequeue(), undefined)
  const runs = [async () => 1, async () => 2, async () => 3]
  queue.enqueue(runs[0]!)
  queue.enqueue(runs[1]!, {})
  queue.enqueue(runs[2]!, { user: 'ann' })
  t.strictSame(queue.filter({}), [runs[0], runs[1]])
  t.strictSame(queue.filter({ user: 'bob' }), [])
  t.strictSame(
    [queue.dequeue(), queue.dequeue(), queue.dequeue(), queue.dequeue()],
    [runs[0], runs[2], runs[1], undefined]
  )
  t.equal(queue.size, 0)
})
