import t from 'tap'
import { slots } from '../../../plugins/kubernetes/slots.ts'

const never = new AbortController().signal

t.test('no more than the bound have a slot, and who waits longest is next', async t => {
  const two = slots(2)
  const order: string[] = []
  const first = await two.take(never)
  const second = await two.take(never)
  const third = two.take(never).then(give => { order.push('third'); return give })
  const fourth = two.take(never).then(give => { order.push('fourth'); return give })
  t.strictSame(order, [])
  first()
  first()
  await third
  t.strictSame(order, ['third'], 'giving back twice frees one slot')
  second()
  await fourth
  t.strictSame(order, ['third', 'fourth'])
})

t.test('who stops waiting takes no slot', async t => {
  const one = slots(1)
  const give = await one.take(never)
  const impatient = new AbortController()
  const waiting = one.take(impatient.signal)
  impatient.abort()
  await t.rejects(waiting, { name: 'AbortError' })
  give()
  ;(await one.take(never))()
  await t.rejects(one.take(impatient.signal), { name: 'AbortError' })
  ;(await one.take(never))()
})

t.test('a slot is free while fewer than the bound are taken', async t => {
  const two = slots(2)
  t.equal(two.free(), true)
  const first = await two.take(never)
  t.equal(two.free(), true)
  await two.take(never)
  t.equal(two.free(), false)
  const next = two.take(never)
  first()
  t.equal(two.free(), false, 'who waited has it')
  ;(await next)()
  t.equal(two.free(), true)
})
