import { EventEmitter, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import pino from 'pino'
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
 * Answers the first list with the first of `lists`, and so on (the last again and again); the same with the watches.
 */
async function reflect (
  t: Parameters<typeof tinyServer>[0],
  lists: Answer[],
  watches: Answer[],
  options: { silenceMs?: number; changed?: () => void } = {}
) {
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const answers = request.url!.includes('watch=true') ? watches : lists
    ;(answers.length > 1 ? answers.shift()! : answers[0]!)(request, reply)
  })
  const news = new EventEmitter()
  const told: string[] = []
  const causes: string[] = []
  const tell = (): void => { news.emit('news') }
  const views = createReflector<string>({
    client,
    path: '/pods',
    labelSelector: 'a=b',
    fetchLimit: 2,
    watchSeconds: 590,
    transform: ({ metadata }: ReturnType<typeof object>) => metadata.name,
    changed (uid, view, previous) {
      told.push(`${view === undefined ? '-' : previous === undefined ? '+' : '~'}${uid}`)
      tell()
      options.changed?.()
    },
    counts: { relisted: tell, reconnected (cause) { causes.push(cause); tell() } },
    log: pino({ level: 'silent' }),
    ...(options.silenceMs !== undefined && { idleTimeoutMs: options.silenceMs })
  })
  t.teardown(() => views.stop())
  const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await once(news, 'news') }
  return { ...views, requests, told, causes, until }
}

const stands: Answer = (_request, reply) => reply.flushHeaders()
const sends = (...events: string[]): Answer => (_request, reply) => { reply.write(events.join('')) }
const gives = (status: number, value: unknown): Answer => (_request, reply) => json(reply, status, value)

t.test('the list comes by pages, and the watch goes on from its version', async t => {
  const { ready, views, requests, until } = await reflect(
    t,
    [gives(200, list(['a', 'b'], '5', 'next')), gives(200, list(['c'], '6'))],
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

t.test('a list that fails between its pages counts for nothing: no watch, and nothing is taken for gone', async t => {
  const failing: Answer[] = [gives(200, list(['a'], '5', 'next')), gives(500, {}), gives(200, list(['a', 'b'], '9'))]
  const { ready, requests, told } = await reflect(t, failing, [stands])
  await ready
  t.strictSame(requests.slice(0, 3).map(request => request.replace(/.*limit=2/, '')), ['', '&continue=next', ''])
  t.strictSame(told, ['+a', '+b'])
})

t.test('a bookmark moves the version from which the next watch goes on', async t => {
  const ends: Answer = (_request, reply) => { reply.end(event('BOOKMARK', { metadata: { resourceVersion: '42' } })) }
  const { requests, causes, until } = await reflect(t, [gives(200, list([]))], [ends, stands])
  await until(() => causes.length === 1 && requests.length === 2)
  while (requests.length < 3) await new Promise(resolve => setImmediate(resolve))
  t.match(requests[2], /resourceVersion=42&/)
  t.strictSame(causes, ['timeout'])
})

t.test('a version that is gone is a new list, at once, and what it lacks is told as gone', async t => {
  const gone = event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  const { causes, told, until } = await reflect(
    t,
    [gives(200, list(['a', 'b'])), gives(200, list(['b', 'c'], '9'))],
    [
      (_request, reply) => {
        reply.end(gone)
      },
      stands
    ]
  )
  await until(() => told.includes('-a'))
  t.strictSame(causes, ['gone'])
  t.strictSame(told, ['+a', '+b', '+c', '-a'], 'b did not change and is not told again')
})

t.test('every other failure is waited out, for ever', async t => {
  const failures: Answer[] = [
    gives(500, {}), gives(403, {}), gives(404, {}), gives(429, {}),
    request => request.socket.destroy(),
    (request, reply) => reply.write('{"type":"ADD', () => request.socket.destroy()),
    (_request, reply) => { reply.end('nonsense\n') },
    sends(event('ADDED', object('b', '9')))
  ]
  const { trouble, causes, until, told } = await reflect(t, [gives(200, list(['a']))], failures)
  await until(() => causes.length > 0)
  t.match(trouble(), { status: 500 })
  await until(() => told.includes('+b'))
  t.equal(trouble(), undefined)
  t.strictSame(causes, ['500', '403', '404', '429', 'UND_ERR_SOCKET', 'UND_ERR_SOCKET', '200'])
})

t.test('silence ends a watch, and nothing is lost by it', async t => {
  const { causes, told, until } = await reflect(
    t,
    [gives(200, list(['a']))],
    [stands, sends(event('ADDED', object('b', '9')))],
    { silenceMs: 40 }
  )
  await until(() => told.includes('+b'))
  t.strictSame(causes.slice(0, 1), ['silence'])
})

t.test('a handler that throws stops nothing', async t => {
  const { told, until } = await reflect(
    t,
    [gives(200, list(['a']))],
    [sends(event('ADDED', object('b', '9')), event('ADDED', object('c', '10')))],
    {
      changed () {
        throw new TypeError('handler')
      }
    }
  )
  await until(() => told.includes('+c'))
  t.strictSame(told, ['+a', '+b', '+c'])
})

t.test('there is contact as soon as a watch stands, and none before the first list', async t => {
  let answer: ServerResponse | undefined
  const asked = new EventEmitter()
  const { age, ready } = await reflect(t, [(_request, reply) => { answer = reply; asked.emit('asked') }], [stands])
  await once(asked, 'asked')
  t.equal(age(), undefined)
  json(answer!, 200, list([]))
  await ready
  t.ok(age()! >= 0)
})

t.test('it stops while it waits, lists or watches, and is then never ready', async t => {
  const { ready, stop } = await reflect(t, [() => {}], [stands])
  await stop()
  await t.rejects(ready, { name: 'AbortError' })
  await stop()
})

t.test('the first try has its end, also when it failed', async t => {
  const { tried, trouble, stop, ready } = await reflect(t, [gives(403, { message: 'no' })], [stands])
  await tried
  t.match(trouble(), { status: 403 })
  await stop()
  await t.rejects(ready, { name: 'AbortError' })
  const good = await reflect(t, [gives(200, list([]))], [stands])
  await good.tried
  await good.ready
  t.equal(good.trouble(), undefined)
})

t.test('what a reply to a write showed while a list was read is not taken for gone by it', async t => {
  let answer: ServerResponse | undefined
  const asked = new EventEmitter()
  const late: Answer = (_request, reply) => {
    answer = reply
    asked.emit('asked')
  }
  const gone = event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  const { put, views, told, until, ready } = await reflect(
    t,
    [gives(200, list(['a'])), late, gives(200, list(['a'], '30'))],
    [
      (_request, reply) => {
        reply.end(gone)
      },
      stands
    ]
  )
  const second = once(asked, 'asked')
  await ready
  await second
  put(object('new', '20'))
  t.ok(views.has('new'))
  json(answer!, 200, list(['a'], '19'))
  await until(() => told.length > 0)
  put(object('later', '21'))
  await until(() => views.has('later'))
  t.strictSame(told, ['+a', '+new', '+later'])
})
