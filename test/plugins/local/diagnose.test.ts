import pino from 'pino'
import t from 'tap'
import { diagnose } from '../../../plugins/local/diagnose.ts'
import { collect } from '../../fixtures/collect.ts'

t.test('a launcher that is process 1 is a finding, and one of no service is none', async t => {
  const context = { log: pino({ level: 'silent' }), environment: { PATH: '/none' } }
  t.match(await collect(diagnose({}, { ...context, launcherPid: 1 })), [
    { check: 'init', state: 'missing', message: /is process 1/, help: /tini/ }
  ])
  t.strictSame(await collect(diagnose({}, context)), [])
})
