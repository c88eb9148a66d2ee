import t from 'tap'
import type { Intent } from '../../../launcher/plugin.ts'
import { requestedEnd } from '../../../plugins/local/requested-end.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const AT = 1_000_000
const job = (intent?: Intent) => sampleJob({
  submission: { name: 'x', command: 'x', stopGraceSeconds: 10 }, ...(intent && { intent })
})
const stop = job({ operation: 'stop', at: AT })
const kill = job({ operation: 'kill', at: AT })
const both = job({ operation: 'kill', at: AT + 5000, stopAt: AT })

t.test('an end belongs to the request that came before it', async t => {
  t.equal(requestedEnd(job(), 137, AT), undefined)
  t.equal(requestedEnd(job({ operation: 'cancel', at: AT }), 137, AT), undefined)
  t.equal(requestedEnd(kill, 137, AT), 'killed')
  t.equal(requestedEnd(kill, 137, AT - 21), undefined, 'it ended before the kill')
  t.equal(requestedEnd(kill, 143, AT), undefined, 'SIGKILL did not end it')
  t.equal(requestedEnd(stop, 0, AT), 'stopped')
  t.equal(requestedEnd(stop, 0, AT - 21), undefined, 'it ended before the stop')
  t.equal(requestedEnd(stop, 137, AT + 9000), 'stopped')
  t.equal(requestedEnd(stop, 137, AT + 10_000), 'grace exceeded')
  t.equal(requestedEnd(stop, 0, AT + 10_000), 'stopped')
  t.equal(requestedEnd(both, 143, AT), 'stopped', 'the stop ended it before the kill')
  t.equal(requestedEnd(both, 137, AT + 5000), 'killed')
})
