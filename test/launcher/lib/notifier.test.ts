import t from 'tap'
import { createNotifier } from '../../../launcher/lib/notifier.ts'

const LONG_MS = 60_000

t.test('a notification wakes the waiter', async t => {
  const notifier = createNotifier()
  const waiting = notifier.wait(LONG_MS)
  notifier.notify()
  notifier.notify()
  t.equal(await waiting, true)
})

t.test('a notification before the wait is kept, and one before the reset is forgotten', async t => {
  const notifier = createNotifier()
  notifier.notify()
  t.equal(await notifier.wait(LONG_MS), true)
  notifier.reset()
  t.equal(await notifier.wait(1), false)
})
