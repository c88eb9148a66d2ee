import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { listEvents } from '../../../../plugins/kubernetes/cache/event-list.ts'

const event = (uid: string, reason: string, lastTimestamp: string | null, more = {}) => ({
  involvedObject: { uid },
  reason,
  message: `${reason} of ${uid}`,
  lastTimestamp,
  ...more
})

const PAGES = [
  {
    items: [event('a', 'FailedMount', '2026-01-01T00:00:02Z'), event('b', 'FailedCreate', '2026-01-01T00:00:01Z')],
    metadata: { continue: '1' }
  },
  {
    items: [
      event('a', 'Pulling', '2026-01-01T00:00:01Z'),
      event('a', 'FailedScheduling', null, { eventTime: '2026-01-01T00:00:03.000001Z' })
    ],
    metadata: {}
  }
]

t.test('a list has the events of each object, the newest last, from all pages', async t => {
  const calls: Call[] = []
  const events = await listEvents({
    async call <T> (call: Call) {
      calls.push(call)
      return PAGES[Number(call.query?.continue ?? 0)] as T
    }
  }, 'jobs')
  t.strictSame(events.get('a')!.map(({ reason }) => reason), ['Pulling', 'FailedMount', 'FailedScheduling'])
  t.strictSame(events.get('b'), [{ reason: 'FailedCreate', message: 'FailedCreate of b' }])
  t.equal(events.get('c'), undefined)
  t.equal(calls.length, 2, 'one call for each page')
  t.match(calls[0], {
    method: 'GET',
    path: '/api/v1/namespaces/jobs/events',
    query: { fieldSelector: /^reason!=Scheduled,/, limit: 500 }
  })
})

t.test('a failure is that of the API server', async t => {
  await t.rejects(listEvents({ call: async () => { throw new TypeError('away') } }, 'jobs'), { message: 'away' })
})
