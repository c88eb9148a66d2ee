// An admission webhook that changes every Job, or every pod, of one namespace as it is created.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { selfSigned } from '../fixtures/self-signed.ts'
import type { TestCluster } from './cluster.ts'

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const MARK = 'example.com/changed'
const PLAIN = {
  restartPolicy: 'Never',
  initContainers: [{ name: 'first', image: 'plain' }],
  containers: [{ name: 'plain', image: 'plain' }]
}
const OBJECTS = {
  jobs: {
    apiGroup: 'batch',
    path: (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
    spec: { template: { spec: PLAIN } }
  },
  pods: { apiGroup: '', path: (namespace: string) => `/api/v1/namespaces/${namespace}/pods`, spec: PLAIN }
} as const

/**
 * Applies the JSON patch. Listens on this machine only, where the API server of the tests runs. Resolves when the
 * webhook is in force.
 */
export async function mutateWebhook (
  t: Test,
  { client, namespace }: TestCluster,
  resource: keyof typeof OBJECTS,
  patch: readonly object[]
): Promise<void> {
  const { apiGroup, path, spec } = OBJECTS[resource]
  const { certificate, key } = selfSigned(t.testdir(), 'IP:127.0.0.1')
  const cert = readFileSync(certificate)
  const server = createServer({ cert, key: readFileSync(key) }, async (request, reply) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { request: { uid, object } } = JSON.parse(Buffer.concat(chunks).toString())
    const mark = object.metadata.annotations === undefined
      ? { op: 'add', path: '/metadata/annotations', value: { [MARK]: 'yes' } }
      : { op: 'add', path: `/metadata/annotations/${MARK.replace('/', '~1')}`, value: 'yes' }
    const operations = Buffer.from(JSON.stringify([...patch, mark])).toString('base64')
    const response = { uid, allowed: true, patchType: 'JSONPatch', patch: operations }
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `mutate.${namespace}.example`
  await client.call({
    method: 'POST',
    path: WEBHOOKS,
    body: {
      metadata: { name },
      webhooks: [
        {
          name,
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          timeoutSeconds: 5,
          clientConfig: {
            url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
            caBundle: cert.toString('base64')
          },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: [{ apiGroups: [apiGroup], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] }]
        }
      ]
    }
  })
  t.teardown(async () => {
    await client.call({ method: 'DELETE', path: `${WEBHOOKS}/${name}` })
    server.closeAllConnections()
    server.close()
  })
  // The API server gets to know a new webhook a moment after its creation.
  for (;;) {
    const { metadata } = await client.call<{ metadata: { annotations?: object } }>({
      method: 'POST',
      path: path(namespace),
      query: { dryRun: 'All' },
      body: { metadata: { name: 'plain' }, spec }
    })
    if (metadata.annotations !== undefined && MARK in metadata.annotations) return
  }
}
