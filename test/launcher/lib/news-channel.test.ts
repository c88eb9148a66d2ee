import { getEventListeners } from 'node:events'
import t from 'tap'
import { newsChannel } from '../../../launcher/lib/news-channel.ts'

t.test('everyone who waits is woken once; who asks afterwards waits for the next news', async t => {
  const news = newsChannel()
  const { signal } = new AbortController()
  const woken: string[] = []
  const first = news.next(signal).then(() => { woken.push('a') })
  const second = news.next(signal).then(() => { woken.push('b') })
  news.tell()
  await Promise.all([first, second])
  t.strictSame(woken, ['a', 'b'])
  const later = news.next(signal).then(() => { woken.push('c') })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(woken.length, 2)
  news.tell()
  await later
  t.equal(woken.length, 3)
})

t.test('news that nobody waits for is not kept', async t => {
  const news = newsChannel()
  const stop = new AbortController()
  news.tell()
  let woken = false
  const waiting = news.next(stop.signal).then(() => { woken = true })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(woken, false)
  stop.abort()
  await waiting
  t.equal(woken, true, 'an abort wakes too')
  await news.next(stop.signal)
})

t.test('nothing is left on a signal that lives on', async t => {
  const news = newsChannel()
  const { signal } = new AbortController()
  for (let i = 0; i < 20; i++) {
    const next = news.next(signal)
    news.tell()
    await next
  }
  t.equal(getEventListeners(signal, 'abort').length, 0)
})
