import pino from 'pino'
import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { createEventReader } from '../../../../plugins/kubernetes/cache/event-reader.ts'

const log = pino({ level: 'silent' })

/** A reader of a server that has these pages of events. */
function readerOf (pages: object[]) {
  const calls: Call[] = []
  const reader = createEventReader({
    namespace: 'jobs',
    log,
    client: {
      async call <T> (call: Call) {
        calls.push(call)
        if (pages.length === 0) throw new TypeError('no right to')
        return pages[Number(call.query?.continue ?? 0)] as T
      }
    }
  })
  return { calls, of: reader.of }
}

const event = (uid: string, reason: string, lastTimestamp: string | null, more = {}) => ({
  involvedObject: { uid },
  reason,
  message: `${reason} of ${uid}`,
  lastTimestamp,
  ...more
})

t.test('one list serves all callers, each with the events of its object, the newest last', async t => {
  const { calls, of } = readerOf([
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
  ])
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(of))
  t.strictSame(a!.map(({ reason }) => reason), ['Pulling', 'FailedMount', 'FailedScheduling'])
  t.strictSame(b, [{ reason: 'FailedCreate', message: 'FailedCreate of b' }])
  t.strictSame(c, [])
  t.equal(calls.length, 2, 'one call for each page')
  t.match(calls[0], {
    method: 'GET',
    path: '/api/v1/namespaces/jobs/events',
    query: { fieldSelector: /^reason!=Scheduled,/, limit: 500 }
  })
  await of('a')
  t.equal(calls.length, 2, 'the list is not repeated soon after')
})

t.test('without the right to read events the result is empty, and the list is not repeated at once', async t => {
  const { calls, of } = readerOf([])
  t.strictSame(await of('a'), [])
  t.strictSame(await of('b'), [])
  t.equal(calls.length, 1)
})
