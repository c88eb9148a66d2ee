import t from 'tap'
import { createOutageLog } from '../../../../plugins/kubernetes/client/outage-log.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'

t.test('an outage is logged once as a warning, and its end with its duration', async t => {
  const { log, lines } = recordingLog()
  const outage = createOutageLog(log, { failed: 'reload failed', restored: 'reload restored' })
  outage.succeeded()
  outage.failed(new Error('first'))
  outage.failed(new Error('second'))
  outage.succeeded()
  outage.succeeded()
  outage.failed(new Error('third'))
  t.match(lines, [
    { level: 40, msg: 'reload failed', err: { message: 'first' } },
    { level: 20, msg: 'reload failed', err: { message: 'second' } },
    { level: 40, msg: 'reload restored', outageMs: Number },
    { level: 40, msg: 'reload failed', err: { message: 'third' } }
  ])
  t.equal(lines.length, 4)
})
