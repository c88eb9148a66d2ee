import t from 'tap'
import { configuredCluster, requireKnownClusters } from '../../../launcher/jobs/known-clusters.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'
import { add } from '../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

const clusters = new Map([['Local', scriptedCluster(scriptedPlugin())]])

t.test('a cluster that is not configured is refused with the names of those that are', async t => {
  t.equal(configuredCluster('Local', clusters), clusters.get('Local'))
  t.throws(() => configuredCluster('Ma\nrs', clusters, { field: 'cluster' }), {
    code: 'ClusterNotFound',
    message: 'There is no cluster Ma\\nrs. The clusters are: Local.',
    details: { field: 'cluster' }
  })
})

t.test('a filter can name a cluster of earlier times: the database adopted it, or has a job of it', async t => {
  const { store } = await temporaryStore(t)
  const require = (...names: string[]): void => requireKnownClusters(names, { clusters, store })
  t.throws(() => require('Local', 'Mars'), { code: 'ClusterNotFound', details: { field: 'cluster', in: 'query' } })
  await add(store, { cluster: 'Mars' })
  require('Local', 'Mars')
  t.throws(() => require('Venus'), { code: 'ClusterNotFound' })
  await store.setAdopted('Venus')
  require('Venus')
  requireKnownClusters(undefined, { clusters, store })
})

t.test('every call with a filter refuses an unknown cluster, and finds nothing for an unknown user', async t => {
  const { server } = await scriptedApp(t)
  const list = (path: string) => ({ method: 'GET', url: path } as const)
  const stop = (query: string) =>
    ({ method: 'POST', url: `/v1/jobs/control?${query}`, body: { operation: 'stop' } } as const)
  const events = { accept: 'text/event-stream' }
  const refusal = {
    code: 'ClusterNotFound',
    status: 404,
    detail: 'There is no cluster nope. The clusters are: Local.',
    field: 'cluster',
    in: 'query'
  }
  for (const request of [
    list('/v1/jobs?cluster=nope'),
    list('/v1/jobs?cluster=Local,nope&user=none'),
    list('/v1/jobs/summary?cluster=nope'),
    list('/v1/jobs/events?cluster=nope'),
    list('/v1/usage?cluster=nope'),
    { ...list('/v1/usage?cluster=nope'), headers: events },
    stop('cluster=nope')
  ]) t.match((await server.inject(request)).json(), refusal, request.url)
  for (const request of [
    list('/v1/jobs?user=none'), list('/v1/jobs/summary?user=none'), list('/v1/usage?user=none'), stop('user=none')
  ]) t.equal((await server.inject(request)).statusCode, 200, request.url)
})
