// A hollow node: plays the lives of pods on a real API server, as fast as it is told to, and serves their logs.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { KubeClient } from '../plugins/kubernetes/client/client.ts'
import { watch } from '../plugins/kubernetes/client/watch.ts'

export interface HollowPod {
  readonly metadata: { readonly uid: string, readonly name: string, readonly namespace: string, readonly resourceVersion: string, readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: { readonly phase: string }
}

export interface HollowNode {
  /** The program of the pod runs from now on. */
  run (pod: HollowPod): Promise<void>
  /** It has ended. */
  finish (pod: HollowPod, exitCode: number): Promise<void>
  end (): Promise<void>
}

const NAME = 'localhost'
const RENEW_MS = 5000
const MERGE = 'application/merge-patch+json'

/** `folder` is that of the cluster; `scheduled` is told of each pod that was given to the node, once. */
export async function hollowNode (client: KubeClient, folder: string, scheduled: (pod: HollowPod) => void): Promise<HollowNode> {
  const stop = new AbortController()
  const key = (name: string): Buffer => readFileSync(join(folder, 'keys', name))
  /** Replies that follow the log of a pod, by its name. */
  const following = new Map<string, ServerResponse[]>()
  const logs = createServer({ cert: key('server.crt'), key: key('server.key') }, ({ url = '' }, reply) => {
    const pod = url.split('/')[3] ?? ''
    if (!url.includes('follow=true')) return reply.end()
    reply.flushHeaders()
    following.set(pod, [...following.get(pod) ?? [], reply])
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => logs.once('listening', resolve))
  const { port } = logs.address() as AddressInfo

  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const renewal = () => ({ spec: { holderIdentity: NAME, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') } })
  const plenty = { cpu: '100k', memory: '100Ti', pods: '100000' }
  await client.call({ method: 'POST', path: '/api/v1/nodes', body: { metadata: { name: NAME } } })
  await client.call({ method: 'POST', path: lease, body: { metadata: { name: NAME }, ...renewal() } })
  const now = new Date().toISOString()
  await client.call({
    method: 'PATCH',
    path: `/api/v1/nodes/${NAME}/status`,
    contentType: MERGE,
    body: {
      status: {
        capacity: plenty,
        allocatable: plenty,
        addresses: [{ type: 'Hostname', address: NAME }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
        conditions: [{ type: 'Ready', status: 'True', reason: 'Hollow', message: 'runs nothing', lastHeartbeatTime: now, lastTransitionTime: now }]
      }
    }
  })
  const renewing = setInterval(() => { client.call({ method: 'PATCH', path: `${lease}/${NAME}`, contentType: MERGE, body: renewal() }).catch(() => {}) }, RENEW_MS)

  const told = new Set<string>()
  function take (pod: HollowPod): void {
    if (pod.spec.nodeName !== NAME || told.has(pod.metadata.uid)) return
    told.add(pod.metadata.uid)
    scheduled(pod)
  }

  const path = '/api/v1/pods'
  const playing = (async () => {
    const { items, metadata } = await client.call<{ items: HollowPod[], metadata: { resourceVersion: string } }>({ method: 'GET', path })
    items.forEach(take)
    let version = metadata.resourceVersion
    while (!stop.signal.aborted) {
      for await (const events of watch(client, { path, query: {}, resourceVersion: version, seconds: 600, silenceMs: 90_000, signal: stop.signal })) {
        for (const { type, object } of events) {
          version = object.metadata?.resourceVersion ?? version
          if (type === 'ADDED' || type === 'MODIFIED') take(object as unknown as HollowPod)
        }
      }
    }
  })().catch(error => { if (!stop.signal.aborted) throw error })

  async function patch ({ metadata }: HollowPod, phase: string, state: object): Promise<void> {
    await client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`,
      contentType: MERGE,
      body: { status: { phase, podIP: '127.0.0.1', containerStatuses: [{ name: 'content', image: 'hollow', imageID: 'hollow', ready: phase === 'Running', restartCount: 0, state }] } }
    })
  }

  const time = (): string => new Date().toISOString().replace(/\.\d+/, '')
  return {
    run: pod => patch(pod, 'Running', { running: { startedAt: time() } }),
    async finish (pod, exitCode) {
      const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: time(), finishedAt: time() }
      await patch(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated })
      for (const reply of following.get(pod.metadata.name) ?? []) reply.end()
      following.delete(pod.metadata.name)
    },
    async end () {
      stop.abort()
      clearInterval(renewing)
      await playing
      logs.closeAllConnections()
      logs.close()
      await client.call({ method: 'DELETE', path: `/api/v1/nodes/${NAME}` })
    }
  }
}
