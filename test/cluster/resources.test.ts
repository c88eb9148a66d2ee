// The resources of a job, read through a real API server that serves metrics.k8s.io, with the rights of the Role alone.
// The measurements are stored objects of that group: the launcher does not depend on what serves it.

import { once, EventEmitter } from 'node:events'
import t from 'tap'
import { Client } from 'undici'
import { start } from '../e2e/launcher-process.ts'
import { hollowNode, type HollowPod } from '../fixtures/hollow-node.ts'
import { noOwnCluster, ownCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'pods.metrics.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
  spec: {
    group: 'metrics.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'pods', singular: 'podmetrics', kind: 'PodMetrics' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
      }
    ]
  }
}

t.test(
  'resources of a job are read once or as a stream with a metrics server, and unavailable without one',
  { skip: noOwnCluster, timeout: 180_000 },
  async t => {
    const cluster = await ownCluster(t)
    const { client: kube, namespace } = cluster
    const changes = new EventEmitter()
    const pods: HollowPod[] = []
    const node = await hollowNode({
      client: kube,
      folder: cluster.folder,
      onSchedule (pod) {
        pods.push(pod)
        changes.emit('pod')
      }
    })
    t.teardown(() => node.end())
    const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
    await start(t, here)
    const { client } = here
    const { id } = await client.submit({ name: 'works', exe: '/bin/true', container: { image: 'none' } })
    while (pods.length === 0) await once(changes, 'pod')
    const [pod] = pods as [HollowPod]
    await node.run(pod)
    for await (const { status } of client.events({ id })) if (status === 'Running') break
    const http = new Client('http://launcher', { socketPath: here.socket })
    t.teardown(() => http.destroy())
    const request = (accept = 'application/json') =>
      http.request({ method: 'GET', path: `/v1/jobs/${id}/resources?intervalSeconds=1`, headers: { accept } })
    const read = async (): Promise<any> => await (await request()).body.json()
    t.match(await read(), {
      code: 'ResourcesNotAvailable',
      detail: 'The resource usage of the job is not known: the cluster has no metrics server (metrics.k8s.io).'
    })

    await kube.call({
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      body: DEFINITION
    })
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`
    const measured = (cpu: string, memory: string) => ({
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: { name: pod.metadata.name, labels: pod.metadata.labels },
      timestamp: '2026-01-31T12:00:00Z',
      window: '30s',
      containers: [
        { name: 'content', usage: { cpu, memory } },
        { name: 'sidecar', usage: { cpu: '1', memory: '1Mi' } }
      ]
    })
    // The API server takes a while to serve a new group.
    for (;;) {
      try {
        await kube.call({ method: 'GET', path })
        break
      } catch {
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
    t.match(await read(), { code: 'ResourcesNotAvailable', detail: /has not measured the job yet\.$/ })
    await kube.call({ method: 'POST', path, body: measured('250m', '128Mi') })
    t.strictSame(await read(), { time: '2026-01-31T12:00:00.000Z', cpus: 1.25, residentBytes: 129 * 2 ** 20 })
    const readings: unknown[] = []
    const { body } = await request('text/event-stream')
    body.setEncoding('utf8')
    for await (const text of body) {
      const data = /^data: (.*)$/m.exec(String(text))?.[1]
      if (data === undefined) continue
      const { cpus, residentBytes } = JSON.parse(data)
      readings.push([cpus, residentBytes])
      if (readings.length === 1) {
        await kube.call({
          method: 'PATCH',
          path: `${path}/${pod.metadata.name}`,
          body: measured('1500000u', '1G'),
          contentType: 'application/merge-patch+json'
        })
      }
      if (cpus === 2.5) break
    }
    const following = new AbortController()
    for await (const { jobs: [job] } of client.followUsage({}, following.signal)) {
      if (job?.cpus === undefined) continue
      t.match(job, { id, cpus: 2.5, memoryBytes: 1e9 + 2 ** 20, measuredTime: '2026-01-31T12:00:00.000Z' })
      break
    }
    following.abort()
    t.strictSame(readings[0], [1.25, 129 * 2 ** 20])
    t.strictSame(readings.at(-1), [2.5, 1e9 + 2 ** 20])
  }
)
