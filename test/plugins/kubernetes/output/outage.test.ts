import pino from 'pino'
import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { endOutage, recordFailure, type ReadHealth } from '../../../../plugins/kubernetes/output/outage.ts'
import { NO_ATTEMPTS } from '../../../../plugins/kubernetes/output/read-backoff.ts'

function health () {
  const records: Array<Record<string, unknown>> = []
  const log = pino({ level: 'debug' }, { write: (line: string) => { records.push(JSON.parse(line)) } })
  const health: ReadHealth = { attempts: NO_ATTEMPTS }
  return { health, log, levels: () => records.map(({ level, msg }) => [level, msg]) }
}
const error = new KubeApiError('GET x', 500, 'InternalError', 'no')

t.test('an outage is logged as a warning once, at the third failed read in a row, and so is its end', async t => {
  const { health: state, log, levels } = health()
  for (let read = 0; read < 5; read++) recordFailure(state, 'a', error, log)
  endOutage(state, 'a', log)
  endOutage(state, 'a', log)
  const failed = 'log read failed, will retry'
  t.strictSame(levels(), [
    [20, failed],
    [20, failed],
    [40, failed],
    [20, failed],
    [20, failed],
    [40, 'log reads restored']
  ])
  t.equal(state.attempts.failures, 5)
  t.notOk('outage' in state)
})

t.test('the end of an outage that was not logged as a warning is not logged', async t => {
  const { health: state, log, levels } = health()
  recordFailure(state, 'a', error, log)
  endOutage(state, 'a', log)
  t.strictSame(levels(), [[20, 'log read failed, will retry']])
})

t.test('an error of the server ends with its next reply, an error of the disk with the next write', async t => {
  const { health: state, log } = health()
  recordFailure(state, 'a', error, log)
  t.equal(state.outage?.endsWith, 'opened')
  const since = state.outage!.sinceMs
  recordFailure(state, 'a', new TypeError('the disk is full'), log)
  t.equal(state.outage?.endsWith, 'written')
  t.equal(state.outage!.sinceMs, since)
})
