import pino from 'pino'
import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { createEventReader } from '../../../../plugins/kubernetes/cache/event-reader.ts'

const log = pino({ level: 'silent' })

/** A reader of a server that replies with each list in turn, and whose time is what `clock` says. */
function readerOf (lists: Array<string[] | Error>, durationMs = 0) {
  const server = { calls: 0, time: 100_000 }
  const { of } = createEventReader({
    namespace: 'jobs',
    log,
    now: () => server.time,
    client: {
      async call <T> () {
        const list = lists[server.calls++] ?? lists.at(-1)!
        if (durationMs > 0) await new Promise(resolve => setTimeout(resolve, durationMs))
        if (list instanceof Error) throw list
        return { items: list.map(reason => ({ involvedObject: { uid: 'a' }, reason, message: reason })) } as T
      }
    }
  })
  return { server, of }
}

const reasons = ({ events }: { events: ReadonlyArray<{ reason: string }> }) => events.map(({ reason }) => reason)

t.test('one list serves all callers for whose objects it is new enough', async t => {
  const { server, of } = readerOf([['FailedMount']])
  const [a, b] = await Promise.all([of({ uid: 'a', since: 90_000 }), of({ uid: 'b', since: 0 })])
  t.strictSame(a, { events: [{ reason: 'FailedMount', message: 'FailedMount' }] })
  t.strictSame(b, { events: [] })
  await of({ uid: 'a', since: server.time })
  t.equal(server.calls, 1)
})

t.test('events that are too old for an object are read again, a second after the list at the earliest', async t => {
  const { server, of } = readerOf([[], ['FailedCreate']])
  await of({ uid: 'a', since: 90_000 })
  server.time = 101_000
  const old = await of({ uid: 'a', since: 100_500 })
  t.strictSame(old.events, [])
  t.ok(old.newerInMs! > 0 && old.newerInMs! <= 1000, 'it says when newer ones can be read')
  t.equal(server.calls, 1)
  await new Promise(resolve => setTimeout(resolve, old.newerInMs! + 5))
  t.strictSame(reasons(await of({ uid: 'a', since: 100_500 })), ['FailedCreate'])
  t.equal(server.calls, 2)
})

t.test('a slow list is repeated after twenty times its duration', async t => {
  const { server, of } = readerOf([[]], 200)
  await of({ uid: 'a', since: 0 })
  const old = await of({ uid: 'a', since: server.time + 1 })
  t.ok(old.newerInMs! > 3000, `${old.newerInMs} ms`)
  await of({ uid: 'a', since: server.time - 1, urgent: true })
  t.equal(server.calls, 1, 'it is new enough')
})

t.test('without the right to read events there are none, and the list is not repeated at once', async t => {
  const { server, of } = readerOf([new KubeApiError(
    'GET events', 403, 'Forbidden', 'events is forbidden: User "x" cannot list resource "events" in API group ""'
  )])
  t.strictSame(await of({ uid: 'a', since: 0 }), { events: [] })
  t.strictSame(await of({ uid: 'b', since: 0 }), { events: [] })
  t.equal(server.calls, 1)
})

t.test('a list that fails otherwise leaves the events of before', async t => {
  const { server, of } = readerOf([['FailedCreate'], new TypeError('away')])
  await of({ uid: 'a', since: 0 })
  const { newerInMs } = await of({ uid: 'a', since: server.time + 1 })
  await new Promise(resolve => setTimeout(resolve, newerInMs! + 5))
  server.time += 1000
  t.strictSame(reasons(await of({ uid: 'a', since: server.time })), ['FailedCreate'])
  t.equal(server.calls, 2)
})

t.test('an urgent request gets events that were read after the time that it names', async t => {
  const { server, of } = readerOf([[], ['FailedCreate']])
  await of({ uid: 'a', since: 0 })
  const started = performance.now()
  Object.defineProperty(server, 'time', { get: () => 100_000 + performance.now() - started })
  t.strictSame(reasons(await of({ uid: 'a', since: 101_500, urgent: true })), ['FailedCreate'])
  t.equal(server.calls, 2, 'one list, once it can have the events')
})
