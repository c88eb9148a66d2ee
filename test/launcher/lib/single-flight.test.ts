import t from 'tap'
import { singleFlight } from '../../../launcher/lib/single-flight.ts'

t.test('calls share a run in progress, and the next call starts another', async t => {
  let runs = 0
  const { run, inProgress } = singleFlight(async () => ++runs)
  t.equal(inProgress(), undefined)
  const first = run()
  t.equal(inProgress(), first)
  t.strictSame(await Promise.all([first, run()]), [1, 1])
  t.equal(inProgress(), undefined)
  t.equal(await run(), 2)
})

t.test('all callers of a run get its error, and the next call starts another', async t => {
  let runs = 0
  const { run } = singleFlight(async () => {
    if (++runs === 1) throw new TypeError('no')
    return runs
  })
  t.match(await Promise.allSettled([run(), run()]), [{ reason: { message: 'no' } }, { reason: { message: 'no' } }])
  t.equal(await run(), 2)
})
