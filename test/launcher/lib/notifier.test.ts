import t from 'tap'
import { createBell } from '../../../launcher/lib/notifier.ts'

const LONG_MS = 60_000

t.test('a ring wakes the waiter', async t => {
  const bell = createBell()
  const waiting = bell.wait(LONG_MS)
  bell.ring()
  bell.ring()
  t.equal(await waiting, true)
})

t.test('a ring before the wait is not lost, one before the reset is', async t => {
  const bell = createBell()
  bell.ring()
  t.equal(await bell.wait(LONG_MS), true)
  bell.reset()
  t.equal(await bell.wait(1), false)
})
