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
  { jobs = [], pods = [], away: unavailable = false }: { jobs?: object[]; pods?: object[]; away?: boolean } = {}
) {
  const state = { away: unavailable }
  const watches = new Map<string, ServerResponse>()
  const activity = new EventEmitter()
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const kind = request.url!.includes('/pods') ? 'pods' : 'jobs'
    if (state.away) return UNAVAILABLE(request, reply)
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
    log: pino({ level: 'silent' })
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
    changedIds
  } = await cacheOf(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('pods', 'DELETED', pod('a', 5, 'Succeeded'))
  t.match(podsOf('a'), [{ phase: 'Succeeded', gone: true }])
  await event('jobs', 'DELETED', job('a', 6))
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
  const { tried, event, putPod, podsOf } = await cacheOf(t, { jobs: [job('a')] })
  await tried
  putPod(pod('a', 7))
  t.match(podsOf('a'), [{ uid: 'pod-a', gone: false }])
  await event('pods', 'DELETED', pod('a', 8, 'Succeeded'))
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
  const { tried, event, drop, podsOf } = await cacheOf(t, { jobs: [job('a')], pods: [pod('a')] })
  await tried
  await event('jobs', 'DELETED', job('a', 5))
  await event('pods', 'DELETED', pod('a', 6))
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
