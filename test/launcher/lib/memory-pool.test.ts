import { mock } from 'node:test'
import t from 'tap'
import { createMemoryPool } from '../../../launcher/lib/memory-pool.ts'

t.test('memory that was given back is taken again, and never twice', t => {
  const pool = createMemoryPool(8)
  const [first, second] = [pool.take(), pool.take()]
  t.equal(first.length, 8)
  t.not(first.buffer, second.buffer)
  pool.give(first)
  t.equal(pool.take(), first)
  t.not(pool.take(), first)
  t.end()
})

t.test('memory that was not needed for a second is left to the garbage collector', t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const pool = createMemoryPool(8)
  const pieces = [pool.take(), pool.take(), pool.take()]
  for (const piece of pieces) pool.give(piece)
  mock.timers.tick(1000)
  const needed = pool.take()
  pool.give(needed)
  mock.timers.tick(1000)
  t.equal(pool.take(), needed)
  t.notOk(pieces.includes(pool.take()), 'the other two are gone')
  t.end()
})
