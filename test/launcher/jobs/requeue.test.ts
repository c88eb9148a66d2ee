import t, { type Test } from 'tap'
import { createRequeue } from '../../../launcher/jobs/requeue.ts'

/** `next` resolves with the next job that is enqueued. */
function requeued (t: Test) {
  let next = Promise.withResolvers<string>()
  const enqueued: string[] = []
  const requeue = createRequeue(id => {
    enqueued.push(id)
    next.resolve(id)
    next = Promise.withResolvers()
  })
  // The timers keep no process alive.
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => {
    clearInterval(alive)
    requeue.close()
  })
  return { requeue, enqueued, next: () => next.promise }
}

t.test('a job is enqueued once, at its last time', async t => {
  const { requeue, enqueued, next } = requeued(t)
  requeue.after(0, 'a')
  requeue.after(60_000, 'a')
  requeue.after(1, 'b')
  await next()
  t.strictSame(enqueued, ['b'])
  requeue.after(1, 'a')
  await next()
  t.strictSame(enqueued, ['b', 'a'])
})

t.test('a canceled job is not enqueued, and neither is one after the close', async t => {
  const { requeue, enqueued, next } = requeued(t)
  requeue.after(0, 'a')
  requeue.cancel('a')
  requeue.after(1, 'b')
  await next()
  requeue.after(0, 'c')
  requeue.close()
  requeue.after(0, 'd')
  const other = requeued(t)
  other.requeue.after(0, 'later than the others')
  await other.next()
  t.strictSame(enqueued, ['b'])
})

t.test('a delay after a failure has a limit', async t => {
  const { requeue, enqueued, next } = requeued(t)
  for (let i = 0; i < 30; i++) requeue.afterFailure('a', 1)
  await next()
  t.strictSame(enqueued, ['a'])
})

t.test('a time further away than a timer can wait does not fire at once', async t => {
  const { requeue, enqueued, next } = requeued(t)
  requeue.after(2 ** 40, 'a')
  requeue.after(2, 'b')
  await next()
  t.strictSame(enqueued, ['b'])
})
