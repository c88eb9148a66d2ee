import t from 'tap'
import { createNotifier } from '../../../launcher/lib/notifier.ts'

const LONG_MS = 60_000

t.test('a ring wakes the waiter', async t => {
  const notifier = createNotifier()
  const waiting = notifier.wait(LONG_MS)
  notifier.notify()
  notifier.notify()
  t.equal(await waiting, true)
})

t.test('a ring before the wait is not lost, one before the reset is', async t => {
  const notifier = createNotifier()
  notifier.notify()
  t.equal(await notifier.wait(LONG_MS), true)
  notifier.reset()
  t.equal(await notifier.wait(1), false)
})
