import { getEventListeners } from 'node:events'
import t from 'tap'
import { createTopics } from '../../../launcher/jobs/topics.ts'

t.test(
  'all waiters for a topic are woken once with its news, and later waiters get the next',
  async t => {
    const topics = createTopics<number>()
    const { signal } = new AbortController()
    const woken: string[] = []
    const wait = async (name: string, topic: string): Promise<void> => {
      woken.push(`${name} ${await topics.next(topic, signal)}`)
    }
    const first = [wait('a', 'x'), wait('b', 'x')]
    const other = wait('c', 'y')
    topics.publish('x', 1)
    topics.publish('x', 2)
    await Promise.all(first)
    t.strictSame(woken, ['a 1', 'b 1'])
    const later = wait('d', 'x')
    await new Promise(resolve => setImmediate(resolve))
    t.equal(woken.length, 2)
    topics.publish('x', 3)
    await later
    topics.publish('y', 4)
    await other
    t.strictSame(woken.slice(2), ['d 3', 'c 4'])
  }
)

t.test('news without a waiter is not kept', async t => {
  const topics = createTopics<number>()
  const stop = new AbortController()
  topics.publish('x', 1)
  let woken = false
  const waiting = topics.next('x', stop.signal).then(published => {
    woken = true
    return published
  })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(woken, false)
  stop.abort()
  t.equal(await waiting, undefined, 'an abort wakes too')
  t.equal(await topics.next('x', stop.signal), undefined)
})

t.test('no listener is left on a signal that lives on', async t => {
  const topics = createTopics<number>()
  const { signal } = new AbortController()
  for (let i = 0; i < 20; i++) {
    const next = topics.next('x', signal)
    topics.publish('x', i)
    await next
  }
  t.equal(getEventListeners(signal, 'abort').length, 0)
})
