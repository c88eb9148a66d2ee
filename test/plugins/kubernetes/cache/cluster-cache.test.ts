import { EventEmitter, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import pino, { type Logger } from 'pino'
import t from 'tap'
import { createClusterCache } from '../../../../plugins/kubernetes/cache/cluster-cache.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const labels = (id: string) => ({
  'app.kubernetes.io/managed-by': 'job-launcher',
  'job-launcher/instance': 'c0ffee000000',
  'job-launcher/job': id
})
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
const pod = (id: string, version = 1, phase = 'Running', uid = `pod-${id}`, jobUid = `uid-${id}`) => ({
  metadata: {
    name: uid,
    uid,
    resourceVersion: String(version),
    labels: labels(id),
    ownerReferences: [{ kind: 'Job', name: `job-${id}`, uid: jobUid, controller: true }],
    creationTimestamp: '2026-01-31T12:00:00Z'
  },
  status: { phase }
})
const UNAVAILABLE: RequestListener = (_request, reply) => json(reply, 500, { kind: 'Status', message: 'etcd is away' })

/** A cache of a cluster that has these objects. `event` sends an event on a watch. */
async function cacheOf (
  t: Parameters<typeof tinyServer>[0],
  { jobs = [], pods = [], away: unavailable = false, named = new Map(), log = pino({ level: 'silent' }) }: {
    jobs?: object[]
    pods?: object[]
    away?: boolean
    /** What a read by name returns. */
    named?: ReadonlyMap<string, object>
    log?: Logger
  } = {}
) {
  const state = { away: unavailable }
  const watches = new Map<string, ServerResponse>()
  const activity = new EventEmitter()
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const kind = request.url!.includes('/pods') ? 'pods' : 'jobs'
    if (state.away) return UNAVAILABLE(request, reply)
    const [, name] = /\/(?:jobs|pods)\/([^?]+)/.exec(request.url!) ?? []
    if (name !== undefined) {
      const object = named.get(name)
      return json(reply, object === undefined ? 404 : 200, object ?? { kind: 'Status', reason: 'NotFound' })
    }
    if (!request.url!.includes('watch=true')) {
      return json(reply, 200, { metadata: { resourceVersion: '1' }, items: kind === 'pods' ? pods : jobs })
    }
    reply.flushHeaders()
    watches.set(kind, reply)
    activity.emit('change')
  })
  const changedIds: string[] = []
  const cache = createClusterCache({
    client,
    namespace: 'n',
    instance: 'c0ffee000000',
    fetchLimit: 500,
    watchSeconds: 590,
    changed (id) {
      changedIds.push(id)
      activity.emit('change')
    },
    counts: {
      relisted () {},
      reconnected () {
        activity.emit('change')
      },
      throttled () {},
      outputReopened () {},
      foreignLines () {},
      policyLoaded () {},
      showAge () {},
      showDataSpace () {}
    },
    log
  })
  t.teardown(() => cache.stop())
  const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await once(activity, 'change') }
  let markerCount = 0
  /** Resolves when the event of another job, sent after it, was reported. */
  async function event (kind: 'jobs' | 'pods', type: string, object: object): Promise<void> {
    await until(() => watches.has(kind))
    watches.get(kind)!.write(`${JSON.stringify({ type, object })}\n`)
    const marker = `mark${markerCount++}`
    watches
      .get(kind)!
      .write(`${JSON.stringify({ type: 'ADDED', object: kind === 'jobs' ? job(marker, 99) : pod(marker, 99) })}\n`)
    await until(() => changedIds.includes(marker))
    changedIds.splice(changedIds.indexOf(marker), 1)
    cache.drop(marker)
  }
  return { ...cache, requests, state, watches, changedIds, until, event }
}

t.test('the cache is empty before the first lists and complete after them', async t => {
  const { tried, complete, fresh, jobOf, podsOf, ids, changedIds, requests } = await cacheOf(t, {
    jobs: [job('a'), job('b')],
    pods: [pod('a'), pod('c')]
  })
  t.strictSame([complete(), fresh(), jobOf('a'), podsOf('a')], [false, false, undefined, []])
  await tried
  t.strictSame([complete(), fresh()], [true, true])
  t.match(jobOf('a'), { uid: 'uid-a', jobId: 'a' })
  t.match(podsOf('a'), [{ uid: 'pod-a', phase: 'Running', gone: false }])
  t.strictSame([...ids()], ['a', 'b'], 'a pod without a Job is not a job')
  t.strictSame(changedIds.toSorted(), ['a', 'a', 'b', 'c'])
  for (const request of requests.slice(0, 2)) {
    t.match(
      request,
      'labelSelector=app.kubernetes.io%2Fmanaged-by%3Djob-launcher%2Cjob-launcher%2Finstance%3Dc0ffee000000'
    )
  }
})

t.test('a deleted pod keeps its last state, and a deleted Job leaves the cache', async t => {
  const {
    tried,
    event,
    podsOf,
    jobOf,
    ids,
    changedIds,
    until
  } = await cacheOf(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('pods', 'DELETED', pod('a', 5, 'Succeeded'))
  await until(() => podsOf('a')[0]?.gone === true)
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }])
  await event('jobs', 'DELETED', job('a', 6))
  await until(() => jobOf('a') === undefined)
  t.equal(jobOf('a'), undefined)
  t.strictSame([...ids()], [])
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }], 'the pod stays until the job is dropped')
  t.ok(changedIds.length > 2)
})

t.test('putJob takes effect at once, and an older event does not undo it', async t => {
  const { tried, event, putJob, jobOf, changedIds } = await cacheOf(t, { jobs: [job('a')] })
  await tried
  putJob(job('a', 7, { spec: { parallelism: 0 } }))
  t.match(jobOf('a'), { parallelism: 0 })
  await event('jobs', 'MODIFIED', job('a', 6))
  t.match(jobOf('a'), { parallelism: 0 })
  t.strictSame(changedIds, ['a', 'a'])
})

t.test('putPod adds a pod without an event', async t => {
  const { tried, event, putPod, podsOf, until } = await cacheOf(t, { jobs: [job('a')] })
  await tried
  putPod(pod('a', 7))
  t.match(podsOf('a'), [{ uid: 'pod-a', gone: false }])
  await event('pods', 'DELETED', pod('a', 8, 'Succeeded'))
  await until(() => podsOf('a')[0]?.gone === true)
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }])
})

t.test('a pod of another Job of the same name is none of the job', async t => {
  const { tried, podsOf } = await cacheOf(t, {
    jobs: [job('a')],
    pods: [pod('a'), pod('a', 2, 'Failed', 'restored', 'uid-of-a-backup')]
  })
  await tried
  t.match(podsOf('a'), [{ uid: 'pod-a' }])
  t.equal(podsOf('a').length, 1)
})

t.test('a recreated Job replaces the first of its name, and the deletion of the first does not remove it', async t => {
  const { tried, event, jobOf } = await cacheOf(t, { jobs: [job('a')] })
  await tried
  const second = job('a', 5)
  await event('jobs', 'ADDED', { ...second, metadata: { ...second.metadata, uid: 'uid-2' } })
  await event('jobs', 'DELETED', job('a', 6))
  t.match(jobOf('a'), { uid: 'uid-2' })
})

t.test('a dropped job stays dropped, and its late events leave nothing behind', async t => {
  const {
    tried,
    event,
    drop,
    jobOf,
    podsOf,
    ids,
    changedIds
  } = await cacheOf(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  changedIds.length = 0
  drop('a')
  const expectNothing = () => t.strictSame([jobOf('a'), podsOf('a'), [...ids()], changedIds], [undefined, [], [], []])
  expectNothing()
  await event('jobs', 'MODIFIED', job('a', 3))
  await event('pods', 'MODIFIED', pod('a', 4))
  await event('pods', 'ADDED', pod('a', 5, 'Pending', 'pod-a-2'))
  expectNothing()
  await event('jobs', 'DELETED', job('a', 6))
  await event('pods', 'DELETED', pod('a', 7))
  await event('pods', 'MODIFIED', pod('a', 8, 'Failed', 'pod-a-2'))
  expectNothing()
  await event('pods', 'DELETED', pod('a', 9, 'Failed', 'pod-a-2'))
  expectNothing()
  drop('a')
  drop('unknown')
})

t.test('dropping a job also removes its pods that are gone', async t => {
  const { tried, event, drop, jobOf, podsOf, until } = await cacheOf(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('jobs', 'DELETED', job('a', 5))
  await event('pods', 'DELETED', pod('a', 6))
  await until(() => jobOf('a') === undefined && podsOf('a')[0]?.gone === true)
  drop('a')
  t.strictSame(podsOf('a'), [])
  await event('pods', 'ADDED', pod('a', 7, 'Running', 'pod-new'))
  t.match(podsOf('a'), [{ uid: 'pod-new' }], 'the id can be used again')
})

t.test('health reports why there is no contact, and since when', async t => {
  const clock = performance.now
  let ahead = 0
  performance.now = () => clock.call(performance) + ahead
  t.teardown(() => { performance.now = clock })
  const never = await cacheOf(t, { away: true })
  t.match(never.health(), {
    ready: false,
    message: /^No contact with the cluster yet\. Run job-launcher doctor to find the cause\.$/
  })
  await never.tried
  t.match(never.health(), {
    ready: false,
    message: /^No contact with the cluster yet: .*etcd is away\. Run job-launcher doctor/
  })
  t.strictSame([never.complete(), never.fresh()], [false, false])

  const { tried, state, watches, until, health, fresh, complete } = await cacheOf(t)
  await tried
  await until(() => watches.size === 2)
  t.strictSame(health(), { ready: true })
  ahead += 76_000
  t.match(
    health(),
    { ready: false, message: /^No contact with the cluster for \d+ s\. Run job-launcher doctor/ },
    'an idle connection alone'
  )
  t.equal(fresh(), false)
  ahead -= 76_000
  state.away = true
  for (const watch of watches.values()) watch.destroy()
  await until(() => !fresh())
  t.strictSame(
    [health(), complete()],
    [{ ready: true }, true],
    'after a short outage the cluster is still ready, but the cache is not fresh'
  )
  ahead += 11_000
  t.match(health(), {
    ready: false,
    message: /^No contact with the cluster for \d+ s: .+\. Run job-launcher doctor/
  })
  ahead -= 11_000
  state.away = false
  watches.clear()
  await until(() => watches.size === 2)
  while (!fresh()) await new Promise(resolve => setImmediate(resolve))
  t.strictSame(health(), { ready: true })
})

/** A log that keeps its lines. */
function recorded (): { log: Logger, lines: Array<Record<string, unknown>> } {
  const lines: Array<Record<string, unknown>> = []
  return { log: pino({ level: 'warn' }, { write: line => lines.push(JSON.parse(line)) }), lines }
}

t.test('a pod and a Job that lost their labels still belong to their job, and are followed to their end', async t => {
  const ID = '01hzzzzzzzzzzzzzzzzzzzzzzz'
  const managedFields = [{ manager: 'kubectl-label', operation: 'Update', time: '2026-01-31T12:00:00Z' }]
  const without = <T extends { metadata: object }>(object: T) =>
    ({ ...object, metadata: { ...object.metadata, labels: {}, managedFields } })
  const named = new Map<string, object>([
    [`pod-${ID}`, without(pod(ID, 5))],
    [`job-${ID}`, without(job(ID, 5, { spec: { parallelism: 0 } }))]
  ])
  const { log, lines } = recorded()
  const { tried, event, jobOf, podsOf, until } = await cacheOf(t, { jobs: [job(ID)], pods: [pod(ID)], named, log })
  await tried
  await event('pods', 'DELETED', pod(ID, 5))
  await event('jobs', 'DELETED', job(ID, 5))
  await until(() => jobOf(ID)?.parallelism === 0 && podsOf(ID)[0]?.resourceVersion === '5')
  t.match(podsOf(ID), [{ phase: 'Running', gone: false }])
  named.set(`pod-${ID}`, without(pod(ID, 6, 'Succeeded')))
  await until(() => podsOf(ID)[0]?.phase === 'Succeeded')
  named.clear()
  await until(() => jobOf(ID) === undefined && podsOf(ID)[0]?.gone === true)
  t.match(lines.toSorted((a, b) => String(a.kind).localeCompare(String(b.kind))), [
    { kind: 'Job', name: `job-${ID}`, client: 'kubectl-label', msg: 'object labels changed' },
    { kind: 'Pod', name: `pod-${ID}`, client: 'kubectl-label', msg: 'object labels changed' }
  ])
})

t.test('a pod whose job label another client removed or changed keeps its job', async t => {
  const ID = '01hzzzzzzzzzzzzzzzzzzzzzzz'
  const { tried, event, podsOf } = await cacheOf(t, { jobs: [job(ID)], pods: [pod(ID)] })
  await tried
  const { 'job-launcher/job': _job, ...others } = labels(ID)
  for (const [version, left] of [[5, others], [6, labels('other')]] as const) {
    const { metadata, ...rest } = pod(ID, version, version === 5 ? 'Running' : 'Failed')
    await event('pods', 'MODIFIED', { ...rest, metadata: { ...metadata, labels: left } })
    t.match(podsOf(ID), [{ resourceVersion: String(version) }])
  }
  t.match(podsOf(ID), [{ phase: 'Failed' }])
})

t.test('a copied pod and a copied Job are ignored, and each is logged once', async t => {
  const { log, lines } = recorded()
  const { tried, event, podsOf, jobOf } = await cacheOf(t, { jobs: [job('a')], log })
  await tried
  for (const version of [5, 6]) {
    const copy = pod('a', version, 'Running', 'copy')
    await event('pods', 'MODIFIED', { ...copy, metadata: { ...copy.metadata, ownerReferences: [] } })
    const other = job('a', version)
    await event('jobs', 'MODIFIED', { ...other, metadata: { ...other.metadata, uid: 'uid-copy', name: 'copied' } })
  }
  t.strictSame([podsOf('a'), jobOf('a')?.uid], [[], 'uid-a'])
  t.match(lines, [
    { kind: 'Pod', namespace: 'n', pod: 'copy', job: 'a', msg: 'object of no job ignored' },
    { kind: 'Job', namespace: 'n', object: 'copied', job: 'a', msg: 'object of no job ignored' }
  ])
  t.equal(lines.length, 2)
})
