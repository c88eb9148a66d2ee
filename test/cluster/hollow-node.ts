// A node that says it is ready and runs nothing: with it a cluster that loses its other node evicts the pods there.

import { setTimeout as delay } from 'node:timers/promises'
import type tap from 'tap'
import type { TestCluster } from './cluster.ts'

interface Node {
  readonly metadata: { readonly name: string }
  readonly status: { readonly conditions: ReadonlyArray<{ type: string, status: string }> }
}

const NAME = 'hollow'
const RENEW_MS = 3000

/** Nothing is put on the node; it is gone after the test. */
export async function hollowNode (t: Pick<typeof tap, 'teardown'>, { client }: TestCluster): Promise<void> {
  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const renewal = () => ({ spec: { holderIdentity: NAME, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') } })
  await client.call({
    method: 'POST', path: '/api/v1/nodes', body: { metadata: { name: NAME }, spec: { taints: [{ key: 'hollow', effect: 'NoSchedule' }] } }
  })
  await client.call({ method: 'POST', path: lease, body: { metadata: { name: NAME }, ...renewal() } })
  const now = new Date().toISOString()
  await client.call({
    method: 'PATCH',
    path: `/api/v1/nodes/${NAME}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Hollow', message: 'runs nothing', lastHeartbeatTime: now, lastTransitionTime: now }] } }
  })
  const renewing = setInterval(() => {
    client.call({ method: 'PATCH', path: `${lease}/${NAME}`, contentType: 'application/merge-patch+json', body: renewal() }).catch(() => {})
  }, RENEW_MS)
  t.teardown(async () => {
    clearInterval(renewing)
    await client.call({ method: 'DELETE', path: `/api/v1/nodes/${NAME}` })
    await client.call({ method: 'DELETE', path: `${lease}/${NAME}` }).catch(() => {})
  })
}

/** Resolves when every real node is, or is not, ready. */
export async function nodeReady ({ client }: TestCluster, wanted: boolean): Promise<void> {
  for (;;) {
    const { items } = await client.call<{ items: Node[] }>({ method: 'GET', path: '/api/v1/nodes' })
    const real = items.filter(({ metadata }) => metadata.name !== NAME)
    if (real.every(({ status }) => status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') === wanted)) return
    await delay(500)
  }
}
