import t from 'tap'
import { createSlots } from '../../../launcher/jobs/slots.ts'

t.test('a job has one slot, however often it is taken', async t => {
  const slots = createSlots()
  slots.take('1', 'ann')
  slots.take('1', 'ann')
  slots.take('2', 'bob')
  t.strictSame([slots.taken, slots.takenBy('ann'), slots.takenBy('bob'), slots.takenBy('cat')], [2, 1, 1, 0])
  t.equal(slots.free('1'), 'ann')
  t.equal(slots.free('1'), undefined)
  t.strictSame([slots.taken, slots.takenBy('ann')], [1, 0])
})

t.test('a job that was not observed yet has a slot, and counts as running once it was', async t => {
  const slots = createSlots()
  slots.take('1', 'ann', false)
  slots.take('2', 'ann', false)
  t.strictSame([slots.taken, slots.known, slots.knownOf('ann')], [2, 0, 0])
  slots.take('1', 'ann')
  slots.take('1', 'ann', false)
  t.strictSame([slots.taken, slots.known, slots.knownOf('ann')], [2, 1, 1])
  slots.free('1')
  slots.free('2')
  t.strictSame([slots.taken, slots.known, slots.knownOf('ann')], [0, 0, 0])
})
