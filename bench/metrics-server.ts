// A stand-in for a metrics server, for clusters without nodes: it serves a table with figures of all pods.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { selfSigned } from '../test/fixtures/self-signed.ts'
import type { HollowCluster } from './hollow-cluster.ts'

const GROUP = 'metrics.k8s.io'
const API_SERVICE = `v1beta1.${GROUP}`
const SERVICES = '/api/v1/namespaces/kube-system/services'
const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices'

export interface MetricsServer {
  end (): Promise<void>
}

/** Knows the pods that exist now. */
export async function metricsServer ({ client, namespace, folder }: HollowCluster): Promise<MetricsServer> {
  const { items } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({
    method: 'GET', path: `/api/v1/namespaces/${namespace}/pods`
  })
  const rows = items.map(({ metadata: { name } }, index) => ({
    cells: [name, `${100_000_000 + index}n`, `${1000 + index}Ki`, '14.9s'], object: null
  }))
  const columnDefinitions = ['Name', 'cpu', 'memory', 'Window'].map(name => ({
    name, type: 'string', format: '', description: '', priority: 0
  }))
  const table = JSON.stringify({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: {}, columnDefinitions, rows })
  const verbs = ['get', 'list']
  const resources = JSON.stringify({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${GROUP}/v1beta1`,
    resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs }]
  })
  const { certificate, key } = selfSigned(folder)
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, ({ url }, reply) => {
    const path = url!.split('?', 1)[0]!
    const one = items.find(({ metadata }) => path.endsWith(`/pods/${metadata.name}`))
    reply.setHeader('content-type', 'application/json')
    if (path.endsWith('/pods')) reply.end(table)
    else if (one !== undefined) reply.end(JSON.stringify(metricsOf(one.metadata.name)))
    else reply.end(resources)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const name = 'bench-metrics'
  await client.call({
    method: 'POST',
    path: SERVICES,
    body: { metadata: { name }, spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] } }
  })
  await client.call({
    method: 'POST',
    path: API_SERVICES,
    body: {
      metadata: { name: API_SERVICE },
      spec: {
        group: GROUP,
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace: 'kube-system', port }
      }
    }
  })
  const path = `/apis/${GROUP}/v1beta1/namespaces/${namespace}/pods`
  while (!await client.call({ method: 'GET', path }).then(() => true, () => false)) await delay(500)
  return {
    async end () {
      await client.call({ method: 'DELETE', path: `${API_SERVICES}/${API_SERVICE}` })
      await client.call({ method: 'DELETE', path: `${SERVICES}/${name}` })
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

function metricsOf (name: string) {
  const usage = { cpu: '100m', memory: '1000Ki' }
  return {
    kind: 'PodMetrics',
    apiVersion: `${GROUP}/v1beta1`,
    metadata: { name },
    timestamp: new Date().toISOString(),
    window: '15s',
    containers: [{ name: 'content', usage }]
  }
}
