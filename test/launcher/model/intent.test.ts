import t from 'tap'
import { endedBy, type Intent } from '../../../launcher/model/intent.ts'
import { REASONS } from '../../../launcher/model/reasons.ts'

const [ann, bob] = [{ user: 'ann' }, { user: 'bob' }]
const killAfterStop: Intent = { operation: 'kill', at: 2, by: bob, stopAt: 1, stopBy: ann }

t.test('a job has who requested the operation that ended it, which a later kill does not change', async t => {
  t.strictSame(endedBy({ reason: 'CanceledOnRequest', intent: { operation: 'cancel', at: 1, by: ann } }), {
    operation: 'cancel', user: 'ann'
  })
  t.strictSame(endedBy({ reason: 'KilledOnRequest', intent: killAfterStop }), { operation: 'kill', user: 'bob' })
  for (const reason of ['Stopped', 'StopGraceExceeded']) {
    t.strictSame(endedBy({ reason, intent: { operation: 'stop', at: 1, by: {} } }), { operation: 'stop' }, 'the host')
    t.strictSame(endedBy({ reason, intent: killAfterStop }), { operation: 'stop', user: 'ann' })
  }
  t.strictSame(endedBy({ reason: 'KilledOnRequest', intent: { operation: 'cancel', at: 1, by: ann } }), {
    operation: 'cancel', user: 'ann'
  }, 'a cancel that met the start')
})

t.test('a job that ended by itself, or by a request of unknown origin, has none', async t => {
  for (const reason of [undefined, ...Object.keys(REASONS)]) {
    t.equal(endedBy({ ...(reason && { reason }) }), undefined)
    t.equal(endedBy({ ...(reason && { reason }), intent: { operation: 'kill', at: 1, stopAt: 1 } }), undefined)
    const shown = endedBy({ ...(reason && { reason }), intent: killAfterStop }) !== undefined
    t.equal(shown, /^(Stopped|StopGraceExceeded|KilledOnRequest|CanceledOnRequest)$/.test(reason ?? ''))
  }
})
