import { once, EventEmitter } from 'node:events'
import t from 'tap'
import { LABEL, instanceSelector } from '../../plugins/kubernetes/metadata/labels.ts'
import { transformJob } from '../../plugins/kubernetes/cache/transform.ts'
import { createReflector, type Reflector } from '../../plugins/kubernetes/cache/reflector.ts'
import type { KubeClient } from '../../plugins/kubernetes/client/client.ts'
import type { JobView } from '../../plugins/kubernetes/cache/views.ts'
import { noCluster, noOwnCluster, ownCluster, silent, testCluster } from './cluster.ts'

const INSTANCE = 'reflector-test'

const jobsOf = (namespace: string): string => `/apis/batch/v1/namespaces/${namespace}/jobs`

function create (client: KubeClient, namespace: string, id: string, instance = INSTANCE): Promise<unknown> {
  const labels = { 'app.kubernetes.io/managed-by': 'job-launcher', [LABEL.instance]: instance, [LABEL.job]: id }
  return client.call({
    method: 'POST',
    path: jobsOf(namespace),
    body: {
      metadata: { name: `job-${id}`, labels },
      spec: {
        parallelism: 0,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'content', image: 'localhost/busybox:1' }] } }
      }
    }
  })
}

function remove (client: KubeClient, namespace: string, id: string): Promise<unknown> {
  return client.call({
    method: 'DELETE',
    path: `${jobsOf(namespace)}/job-${id}`,
    query: { propagationPolicy: 'Background' }
  })
}

/** A reflector of Jobs that records its events. */
function reflect (
  t: { teardown: (work: () => unknown) => void },
  client: KubeClient,
  namespace: string,
  fetchLimit = 500
) {
  const changes = new EventEmitter()
  const reported: string[] = []
  const causes: string[] = []
  const counts = { relists: 0 }
  const jobs: Reflector<JobView> = createReflector<JobView>({
    client,
    path: jobsOf(namespace),
    labelSelector: instanceSelector(INSTANCE),
    fetchLimit,
    transform: transformJob,
    changed (_uid, view, previous) {
      reported.push(`${previous === undefined ? '+' : view === undefined ? '-' : '~'}${(view ?? previous)!.jobId}`)
      changes.emit('change')
    },
    watchSeconds: 590,
    counts: {
      relisted () {
        counts.relists += 1
        changes.emit('change')
      },
      reconnected (cause) {
        causes.push(cause)
        changes.emit('change')
      }
    },
    log: silent
  })
  t.teardown(() => jobs.stop())
  return {
    jobs,
    reported,
    causes,
    counts,
    ids: () => [...jobs.views.values()].map(view => view.jobId).sort(),
    async until (holds: () => boolean): Promise<void> {
      while (!holds()) await once(changes, 'change')
    }
  }
}

t.test('the reflector on a running cluster', { skip: noCluster }, async t => {
  const { client, namespace } = await testCluster(t)

  t.test('the reflector lists in pages, and reports each change once but none of another instance', async t => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await create(client, namespace, id)
    await create(client, namespace, 'stranger', 'another')
    const seen = reflect(t, client, namespace, 2)
    await seen.jobs.ready
    t.strictSame(seen.ids(), ['a', 'b', 'c', 'd', 'e'])
    t.ok(seen.reported.filter(change => change.startsWith('+')).length === 5, 'each Job is reported once')
    t.equal(seen.counts.relists, 1, 'three pages are one list')
    t.ok(seen.jobs.age()! >= 0)

    await create(client, namespace, 'f')
    await seen.until(() => seen.reported.includes('+f'))
    await remove(client, namespace, 'a')
    await seen.until(() => seen.reported.includes('-a'))
    t.strictSame(seen.ids(), ['b', 'c', 'd', 'e', 'f'])
    await seen.jobs.stop()
    t.strictSame(seen.causes, [], 'one watch was enough')
  })
})

t.test('the reflector on a failing cluster', { skip: noOwnCluster, timeout: 180_000 }, async t => {
  const cluster = await ownCluster(t)
  const { client } = cluster

  t.test('an expired resource version leads to a new list, and no change is lost', async t => {
    await create(client, 'default', 'before')
    const seen = reflect(t, client, 'default')
    await seen.jobs.ready
    // These changes create versions that the reflector does not see.
    for (const id of ['x', 'y', 'z']) await create(client, 'default', id, 'another')
    await cluster.run('compact')
    // The API server keeps the last versions in memory; after a restart, compacted versions are gone for good.
    await cluster.run('kill', 'apiserver')
    await cluster.run('start', 'apiserver')
    await cluster.answers()
    await create(client, 'default', 'after')
    await seen.until(() => seen.reported.includes('+after'))
    t.ok(seen.causes.includes('gone'), seen.causes.join(', '))
    t.equal(seen.counts.relists, 2)
    t.strictSame(seen.ids(), ['after', 'before'])
  })

  t.test('all changes after a restart of the API server are reported', async t => {
    await create(client, 'default', 'kept')
    await create(client, 'default', 'deleted')
    const seen = reflect(t, client, 'default')
    await seen.jobs.ready
    t.ok(seen.ids().includes('deleted'))
    await cluster.run('kill', 'apiserver')
    await seen.until(() => seen.causes.length > 0)
    t.type(seen.jobs.lastError()?.message, 'string')
    await cluster.run('start', 'apiserver')
    await cluster.answers()
    await remove(client, 'default', 'deleted')
    await create(client, 'default', 'created')
    await seen.until(() => seen.reported.includes('-deleted') && seen.reported.includes('+created'))
    t.ok(seen.ids().includes('kept'))
    t.equal(seen.reported.filter(change => change === '+kept').length, 1, 'nothing is reported twice')
    t.equal(seen.jobs.lastError(), undefined)
  })
})
