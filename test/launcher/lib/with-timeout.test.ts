import t from 'tap'
import { withTimeout } from '../../../launcher/lib/with-timeout.ts'

t.test('work that ends in time gives its result, or its own failure', async t => {
  t.equal(await withTimeout(Promise.resolve(5), 60_000), 5)
  await t.rejects(withTimeout(Promise.reject(new TypeError('no')), 60_000), { name: 'TypeError', message: 'no' })
})

t.test('work that does not end in time is rejected with the bound, and its later end is ignored', async t => {
  const work = Promise.withResolvers<number>()
  await t.rejects(withTimeout(work.promise, 20), {
    code: 'RequestTimeout',
    message: 'No answer within 0.02 s.'
  })
  work.reject(new TypeError('late'))
})

t.test('no timer is left behind', async t => {
  const before = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  await withTimeout(Promise.resolve(), 60_000)
  await t.rejects(withTimeout(Promise.reject(new TypeError('no')), 60_000))
  t.equal(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length, before)
})
