import { EventEmitter, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import pino, { type Logger } from 'pino'
import t from 'tap'
import { createReflector } from '../../../../plugins/kubernetes/cache/reflector.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

type Answer = RequestListener
const object = (uid: string, version = '1') => ({ metadata: { uid, name: uid, resourceVersion: version } })
const list = (uids: string[], version = '5', next?: string) => ({
  metadata: { resourceVersion: version, ...(next && { continue: next }) },
  items: uids.map(uid => object(uid))
})
const event = (type: string, about: object): string => `${JSON.stringify({ type, object: about })}\n`

/**
 * Answers the first list with the first of `lists`, and so on, repeating the last. The watches are answered likewise.
 */
async function reflect (
  t: Parameters<typeof tinyServer>[0],
  lists: Answer[],
  watches: Answer[],
  options: { idleTimeoutMs?: number; changed?: () => void; log?: Logger } = {}
) {
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const answers = request.url!.includes('watch=true') ? watches : lists
    ;(answers.length > 1 ? answers.shift()! : answers[0]!)(request, reply)
  })
  const activity = new EventEmitter()
  const changes: string[] = []
  const causes: string[] = []
  const notify = (): void => { activity.emit('change') }
  const views = createReflector<string>({
    client,
    path: '/pods',
    labelSelector: 'a=b',
    fetchLimit: 2,
    watchSeconds: 590,
    transform: ({ metadata }: ReturnType<typeof object>) => metadata.name,
    changed (uid, view, previous) {
      changes.push(`${view === undefined ? '-' : previous === undefined ? '+' : '~'}${uid}`)
      notify()
      options.changed?.()
    },
    counts: { relisted: notify, reconnected (cause) { causes.push(cause); notify() } },
    log: options.log ?? pino({ level: 'silent' }),
    ...(options.idleTimeoutMs !== undefined && { idleTimeoutMs: options.idleTimeoutMs })
  })
  t.teardown(() => views.stop())
  const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await once(activity, 'change') }
  return { ...views, requests, changes, causes, until }
}

const established: Answer = (_request, reply) => reply.flushHeaders()
const sends = (...events: string[]): Answer => (_request, reply) => { reply.write(events.join('')) }
const replies = (status: number, value: unknown): Answer => (_request, reply) => json(reply, status, value)

t.test('the list is read in pages, and the watch continues from its version', async t => {
  const { ready, views, requests, until } = await reflect(
    t,
    [replies(200, list(['a', 'b'], '5', 'next')), replies(200, list(['c'], '6'))],
    [sends(event('ADDED', object('d', '7')), event('DELETED', object('a', '8')))]
  )
  await ready
  await until(() => views.has('d') && !views.has('a'))
  t.strictSame([...views.keys()].sort(), ['b', 'c', 'd'])
  t.strictSame(requests.slice(0, 2), [
    'GET /pods?labelSelector=a%3Db&limit=2',
    'GET /pods?labelSelector=a%3Db&limit=2&continue=next'
  ])
  t.match(requests[2], /watch=true&allowWatchBookmarks=true&resourceVersion=6&timeoutSeconds=\d+$/)
})

t.test('a list that fails between its pages starts no watch and deletes no object', async t => {
  const failing: Answer[] = [
    replies(200, list(['a'], '5', 'next')),
    replies(500, {}),
    replies(200, list(['a', 'b'], '9'))
  ]
  const { ready, requests, changes } = await reflect(t, failing, [established])
  await ready
  t.strictSame(requests.slice(0, 3).map(request => request.replace(/.*limit=2/, '')), ['', '&continue=next', ''])
  t.strictSame(changes, ['+a', '+b'])
})

t.test('the next watch continues from the version of a bookmark', async t => {
  const ends: Answer = (_request, reply) => { reply.end(event('BOOKMARK', { metadata: { resourceVersion: '42' } })) }
  const { requests, causes, until } = await reflect(t, [replies(200, list([]))], [ends, established])
  await until(() => causes.length === 1 && requests.length === 2)
  while (requests.length < 3) await new Promise(resolve => setImmediate(resolve))
  t.match(requests[2], /resourceVersion=42&/)
  t.strictSame(causes, ['timeout'])
})

t.test('an expired version causes a new list at once, and objects missing from it are reported as deleted', async t => {
  const gone = event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  const { causes, changes, until } = await reflect(
    t,
    [replies(200, list(['a', 'b'])), replies(200, list(['b', 'c'], '9'))],
    [
      (_request, reply) => {
        reply.end(gone)
      },
      established
    ]
  )
  await until(() => changes.includes('-a'))
  t.strictSame(causes, ['gone'])
  t.strictSame(changes, ['+a', '+b', '+c', '-a'], 'b did not change and is not reported again')
})

t.test('a failure other than an expired version is retried forever', async t => {
  const failures: Answer[] = [
    replies(500, {}), replies(403, {}), replies(404, {}), replies(429, {}),
    request => request.socket.destroy(),
    (request, reply) => reply.write('{"type":"ADD', () => request.socket.destroy()),
    (_request, reply) => { reply.end('nonsense\n') },
    sends(event('ADDED', object('b', '9')))
  ]
  const { lastError: trouble, causes, until, changes } = await reflect(t, [replies(200, list(['a']))], failures)
  await until(() => causes.length > 0)
  t.match(trouble(), { status: 500 })
  await until(() => changes.includes('+b'))
  t.equal(trouble(), undefined)
  t.strictSame(causes, ['500', '403', '404', '429', 'UND_ERR_SOCKET', 'UND_ERR_SOCKET', '200'])
})

t.test(
  'the third failure in a row is logged as the loss of the watch, and the next watch as its restoration',
  async t => {
    const records: Array<Record<string, unknown>> = []
    const log = pino(
      { level: 'warn' },
      {
        write: (line: string) => {
          records.push(JSON.parse(line))
        }
      }
    )
    const failing = replies(500, {})
    await reflect(t, [replies(200, list(['a']))], [failing, failing, failing, failing, established], {
      log
    })
    while (records.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    t.match(records, [
      { level: 40, msg: 'watch lost', failures: 3, err: { status: 500 } },
      { level: 40, msg: 'watch restored', outageMs: Number }
    ])
    t.ok((records[1]!.outageMs as number) > 0)
  }
)

t.test('two failures in a row are not logged as a loss of the watch', async t => {
  const records: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => { records.push(line) } })
  const failing = replies(500, {})
  const watches = [failing, failing, sends(event('ADDED', object('b', '9')))]
  const { until, changes } = await reflect(t, [replies(200, list(['a']))], watches, { log })
  await until(() => changes.includes('+b'))
  t.strictSame(records, [])
})

t.test('an idle watch is reopened, and no event is lost', async t => {
  const { causes, changes, until } = await reflect(
    t,
    [replies(200, list(['a']))],
    [established, sends(event('ADDED', object('b', '9')))],
    { idleTimeoutMs: 40 }
  )
  await until(() => changes.includes('+b'))
  t.strictSame(causes.slice(0, 1), ['silence'])
})

t.test('an error of the handler does not stop the watch', async t => {
  const { changes, until } = await reflect(
    t,
    [replies(200, list(['a']))],
    [sends(event('ADDED', object('b', '9')), event('ADDED', object('c', '10')))],
    {
      changed () {
        throw new TypeError('handler')
      }
    }
  )
  await until(() => changes.includes('+c'))
  t.strictSame(changes, ['+a', '+b', '+c'])
})

t.test('age is undefined before the first list and defined after it', async t => {
  let answer: ServerResponse | undefined
  const listRequested = new EventEmitter()
  const { age, ready } = await reflect(
    t,
    [
      (_request, reply) => {
        answer = reply
        listRequested.emit('asked')
      }
    ],
    [established]
  )
  await once(listRequested, 'asked')
  t.equal(age(), undefined)
  json(answer!, 200, list([]))
  await ready
  t.ok(age()! >= 0)
})

t.test('stop during a list resolves, and ready rejects', async t => {
  const { ready, stop } = await reflect(t, [() => {}], [established])
  await stop()
  await t.rejects(ready, { name: 'AbortError' })
  await stop()
})

t.test('tried resolves after the first attempt, also if that failed', async t => {
  const { tried, lastError: trouble, stop, ready } = await reflect(t, [replies(403, { message: 'no' })], [established])
  await tried
  t.match(trouble(), { status: 403 })
  await stop()
  await t.rejects(ready, { name: 'AbortError' })
  const good = await reflect(t, [replies(200, list([]))], [established])
  await good.tried
  await good.ready
  t.equal(good.lastError(), undefined)
})

t.test('an object put during a list is not deleted by that list', async t => {
  let answer: ServerResponse | undefined
  const listRequested = new EventEmitter()
  const late: Answer = (_request, reply) => {
    answer = reply
    listRequested.emit('asked')
  }
  const gone = event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  const { put, views, changes, until, ready } = await reflect(
    t,
    [replies(200, list(['a'])), late, replies(200, list(['a'], '30'))],
    [
      (_request, reply) => {
        reply.end(gone)
      },
      established
    ]
  )
  const second = once(listRequested, 'asked')
  await ready
  await second
  put(object('new', '20'))
  t.ok(views.has('new'))
  json(answer!, 200, list(['a'], '19'))
  await until(() => changes.length > 0)
  put(object('later', '21'))
  await until(() => views.has('later'))
  t.strictSame(changes, ['+a', '+new', '+later'])
})
