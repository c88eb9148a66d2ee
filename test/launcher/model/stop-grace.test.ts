import t from 'tap'
import { stopGraceMs } from '../../../launcher/model/stop-grace.ts'

t.test('the grace of a stop is that of the submission, which may be 0, and by default 10 s', async t => {
  t.equal(stopGraceMs({ submission: { name: 'n' } }), 10_000)
  t.equal(stopGraceMs({ submission: { name: 'n', stopGraceSeconds: 0 } }), 0)
  t.equal(stopGraceMs({ submission: { name: 'n', stopGraceSeconds: 3 } }), 3000)
})
