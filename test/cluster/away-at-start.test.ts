// A launcher that starts while the API server is away does the work of a normal start once the API server is back.

import t from 'tap'
import { ignoreNotFound } from '../../plugins/kubernetes/client/errors.ts'
import { LABEL, ownLabels } from '../../plugins/kubernetes/metadata/labels.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { SAFE_AGE_MS } from '../../plugins/kubernetes/lifecycle/garbage-collect.ts'
import { send } from '../fixtures/local-app.ts'
import { newId } from '../fixtures/sample-job.ts'
import { start, untilReady } from '../e2e/launcher-process.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

t.test(
  'the objects of a forgotten job are removed once an API server that was away at the start is back',
  { skip: noCluster, timeout: 300_000 },
  async t => {
    const cluster = await testCluster(t)
    const { client, namespace } = cluster
    const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
    // Only objects older than the longest start are removed.
    proxy.setClock(2 * SAFE_AGE_MS)
    const here = placeOn(t, cluster, proxy.kubeconfig, { Local: 'false' })
    const first = await start(t, here)
    const instance = first.ready.instance as string
    await untilReady(here.client, true)
    first.child.stdin!.end()
    await first.exit
    await proxy.leave()

    const folder = `/api/v1/namespaces/${namespace}`
    const name = objectName('forgotten')
    const secret = { kind: 'secrets', name, instance }
    const service = { kind: 'services', name, instance }
    const copy = { kind: 'secrets', name: 'copy', instance }
    const foreign = { kind: 'secrets', name: 'foreign', instance: `${instance}x` }
    for (const { kind, name, instance } of [secret, service, copy, foreign]) {
      const metadata = { name, labels: { ...ownLabels({ instance }), [LABEL.job]: 'forgotten' } }
      await client.call({
        method: 'POST',
        path: `${folder}/${kind}`,
        body: { metadata, ...(kind === 'services' && { spec: { clusterIP: 'None' } }) }
      })
    }
    const exists = async ({ kind, name }: typeof secret): Promise<boolean> =>
      (await ignoreNotFound(client.call({ method: 'GET', path: `${folder}/${kind}/${name}` }))) !== undefined

    await start(t, here)
    t.match(await untilReady(here.client, false), /API server/)
    const unknown = { method: 'GET', path: `/v1/jobs/${newId()}` }
    const away = await send(here.socket, unknown)
    t.equal(away.status, 503, 'an unknown job may be one of the cluster')
    t.match(JSON.parse(away.body), { code: 'AdoptionIncomplete', clusters: ['Kubernetes'] })
    t.match(away.headers['retry-after'], /^[1-9]\d*$/)
    await proxy.comeBack()
    while (await exists(secret) || await exists(service));
    t.ok(await exists(foreign), 'objects of another launcher are kept')
    t.ok(await exists(copy), 'objects of other names are kept')
    await untilReady(here.client, true)
    const adopted = await send(here.socket, unknown)
    t.equal(adopted.status, 404)
    t.match(JSON.parse(adopted.body), { code: 'JobNotFound' })
  })
