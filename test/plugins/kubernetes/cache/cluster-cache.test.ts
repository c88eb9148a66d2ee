import { EventEmitter, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import pino from 'pino'
import t from 'tap'
import { createClusterCache } from '../../../../plugins/kubernetes/cache/cluster-cache.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const labels = (id: string) => ({ 'job-launcher/job': id })
const job = (id: string, version = 1, changes: object = {}) => ({
  metadata: {
    name: `job-${id}`,
    uid: `uid-${id}`,
    resourceVersion: String(version),
    labels: labels(id),
    creationTimestamp: '2026-01-31T12:00:00Z'
  },
  spec: { parallelism: 1 },
  ...changes
})
const pod = (id: string, version = 1, phase = 'Running', uid = `pod-${id}`) => ({
  metadata: {
    name: uid,
    uid,
    resourceVersion: String(version),
    labels: labels(id),
    creationTimestamp: '2026-01-31T12:00:00Z'
  },
  status: { phase }
})
const AWAY: RequestListener = (_request, reply) => json(reply, 500, { kind: 'Status', message: 'etcd is away' })

/** A view of a cluster that has these objects, whose watches say what they are told to. */
async function view (
  t: Parameters<typeof tinyServer>[0],
  { jobs = [], pods = [], away = false }: { jobs?: object[]; pods?: object[]; away?: boolean } = {}
) {
  const state = { away }
  const watches = new Map<string, ServerResponse>()
  const news = new EventEmitter()
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const kind = request.url!.includes('/pods') ? 'pods' : 'jobs'
    if (state.away) return AWAY(request, reply)
    if (!request.url!.includes('watch=true')) {
      return json(reply, 200, { metadata: { resourceVersion: '1' }, items: kind === 'pods' ? pods : jobs })
    }
    reply.flushHeaders()
    watches.set(kind, reply)
    news.emit('news')
  })
  const told: string[] = []
  const made = createClusterCache({
    client,
    namespace: 'n',
    instance: 'c0ffee000000',
    fetchLimit: 500,
    watchSeconds: 590,
    changed (id) {
      told.push(id)
      news.emit('news')
    },
    counts: {
      relisted () {},
      reconnected () {
        news.emit('news')
      },
      throttled () {},
      outputReopened () {},
      foreignLines () {},
      policyLoaded () {},
      showAge () {}
    },
    log: pino({ level: 'silent' })
  })
  t.teardown(() => made.stop())
  const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await once(news, 'news') }
  let marks = 0
  /** Resolves when the event of a stranger that follows it was told. */
  async function event (kind: 'jobs' | 'pods', type: string, object: object): Promise<void> {
    await until(() => watches.has(kind))
    watches.get(kind)!.write(`${JSON.stringify({ type, object })}\n`)
    const mark = `mark${marks++}`
    watches
      .get(kind)!
      .write(`${JSON.stringify({ type: 'ADDED', object: kind === 'jobs' ? job(mark, 99) : pod(mark, 99) })}\n`)
    await until(() => told.includes(mark))
    told.splice(told.indexOf(mark), 1)
    made.drop(mark)
  }
  return { ...made, requests, state, watches, told, until, event }
}

t.test('after the first lists what is there is known, and nothing is before', async t => {
  const { tried, complete, fresh, jobOf, podsOf, ids, told, requests } = await view(t, {
    jobs: [job('a'), job('b')],
    pods: [pod('a'), pod('c')]
  })
  t.strictSame([complete(), fresh(), jobOf('a'), podsOf('a')], [false, false, undefined, []])
  await tried
  t.strictSame([complete(), fresh()], [true, true])
  t.match(jobOf('a'), { uid: 'uid-a', jobId: 'a' })
  t.match(podsOf('a'), [{ uid: 'pod-a', phase: 'Running', gone: false }])
  t.strictSame([...ids()], ['a', 'b'], 'a pod without a Job is no job')
  t.strictSame(told.toSorted(), ['a', 'a', 'b', 'c'])
  for (const request of requests.slice(0, 2)) {
    t.match(
      request,
      'labelSelector=app.kubernetes.io%2Fmanaged-by%3Djob-launcher%2Cjob-launcher%2Finstance%3Dc0ffee000000'
    )
  }
})

t.test('what is gone leaves its last state behind', async t => {
  const { tried, event, podsOf, jobOf, ids, told } = await view(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('pods', 'DELETED', pod('a', 5, 'Succeeded'))
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }])
  await event('jobs', 'DELETED', job('a', 6))
  t.equal(jobOf('a'), undefined)
  t.strictSame([...ids()], [])
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }], 'until it is dropped')
  t.ok(told.length > 2)
})

t.test('the reply to a write is known at once, and older news do not undo it', async t => {
  const { tried, event, putJob, jobOf, told } = await view(t, { jobs: [job('a')] })
  await tried
  putJob(job('a', 7, { spec: { parallelism: 0 } }))
  t.match(jobOf('a'), { parallelism: 0 })
  await event('jobs', 'MODIFIED', job('a', 6))
  t.match(jobOf('a'), { parallelism: 0 })
  t.strictSame(told, ['a', 'a'])
})

t.test('a pod of which no news came is known from the reply to a question', async t => {
  const { tried, event, putPod, podsOf } = await view(t, { jobs: [job('a')] })
  await tried
  putPod(pod('a', 7))
  t.match(podsOf('a'), [{ uid: 'pod-a', gone: false }])
  await event('pods', 'DELETED', pod('a', 8, 'Succeeded'))
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }])
})

t.test('a second Job of a name takes the place of the first, whose end is not its own', async t => {
  const { tried, event, jobOf } = await view(t, { jobs: [job('a')] })
  await tried
  const second = job('a', 5)
  await event('jobs', 'ADDED', { ...second, metadata: { ...second.metadata, uid: 'uid-2' } })
  await event('jobs', 'DELETED', job('a', 6))
  t.match(jobOf('a'), { uid: 'uid-2' })
})

t.test('a dropped job is not taken up again, and its late news leave nothing behind', async t => {
  const { tried, event, drop, jobOf, podsOf, ids, told } = await view(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  told.length = 0
  drop('a')
  const nothing = () => t.strictSame([jobOf('a'), podsOf('a'), [...ids()], told], [undefined, [], [], []])
  nothing()
  await event('jobs', 'MODIFIED', job('a', 3))
  await event('pods', 'MODIFIED', pod('a', 4))
  await event('pods', 'ADDED', pod('a', 5, 'Pending', 'pod-a-2'))
  nothing()
  await event('jobs', 'DELETED', job('a', 6))
  await event('pods', 'DELETED', pod('a', 7))
  await event('pods', 'MODIFIED', pod('a', 8, 'Failed', 'pod-a-2'))
  nothing()
  await event('pods', 'DELETED', pod('a', 9, 'Failed', 'pod-a-2'))
  nothing()
  drop('a')
  drop('unknown')
})

t.test('all that was gone before the drop is forgotten by it', async t => {
  const { tried, event, drop, podsOf } = await view(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('jobs', 'DELETED', job('a', 5))
  await event('pods', 'DELETED', pod('a', 6))
  drop('a')
  t.strictSame(podsOf('a'), [])
  await event('pods', 'ADDED', pod('a', 7, 'Running', 'pod-new'))
  t.match(podsOf('a'), [{ uid: 'pod-new' }], 'the name is free again')
})

t.test('health says why there is no contact, and since when', async t => {
  const clock = performance.now
  let ahead = 0
  performance.now = () => clock.call(performance) + ahead
  t.teardown(() => { performance.now = clock })
  const never = await view(t, { away: true })
  t.match(never.health(), {
    ready: false,
    message: /^There was no contact with the cluster yet\. job-launcher doctor shows what is wrong\.$/
  })
  await never.tried
  t.match(never.health(), {
    ready: false,
    message: /^There was no contact with the cluster yet: .*etcd is away\. job-launcher doctor/
  })
  t.strictSame([never.complete(), never.fresh()], [false, false])

  const { tried, state, watches, until, health, fresh, complete } = await view(t)
  await tried
  await until(() => watches.size === 2)
  t.strictSame(health(), { ready: true })
  ahead += 76_000
  t.match(
    health(),
    { ready: false, message: /^There was no contact with the cluster for \d+ s\. job-launcher doctor/ },
    'silence alone'
  )
  t.equal(fresh(), false)
  ahead -= 76_000
  state.away = true
  for (const watch of watches.values()) watch.destroy()
  await until(() => !fresh())
  t.strictSame(
    [health(), complete()],
    [{ ready: true }, true],
    'a short while without contact is no alarm, but nothing is concluded from what is not there'
  )
  ahead += 11_000
  t.match(health(), {
    ready: false,
    message: /^There was no contact with the cluster for \d+ s: .+\. job-launcher doctor/
  })
  ahead -= 11_000
  state.away = false
  watches.clear()
  await until(() => watches.size === 2)
  while (!fresh()) await new Promise(resolve => setImmediate(resolve))
  t.strictSame(health(), { ready: true })
})
