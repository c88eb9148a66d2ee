// An admission webhook that denies every pod of one namespace, until it is opened.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { selfSigned } from '../fixtures/self-signed.ts'
import type { TestCluster } from './cluster.ts'

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Listens on this machine only, where the API server of the tests runs. Resolves when the webhook is in force. */
export async function denyWebhook (t: Test, { client, namespace }: TestCluster, message: string) {
  let denies = true
  const { certificate, key } = selfSigned(t.testdir(), 'IP:127.0.0.1')
  const cert = readFileSync(certificate)
  const server = createServer({ cert, key: readFileSync(key) }, async (request, reply) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { request: { uid } } = JSON.parse(Buffer.concat(chunks).toString())
    const response = { uid, allowed: !denies, ...(denies && { status: { code: 403, message } }) }
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `deny.${namespace}.example`
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
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]
        }
      ]
    }
  })
  t.teardown(async () => {
    await client.call({ method: 'DELETE', path: `${WEBHOOKS}/${name}` })
    server.closeAllConnections()
    server.close()
  })
  await untilPodRefused({ client, namespace })
  return {
    name,
    open () { denies = false }
  }
}

/** Resolves when the API server refuses a plain pod: it gets to know a new rule a moment after its creation. */
export async function untilPodRefused (
  { client, namespace }: Pick<TestCluster, 'client' | 'namespace'>
): Promise<void> {
  const pod = {
    metadata: { name: 'plain' },
    spec: { containers: [{ name: 'plain', image: 'localhost/busybox:1' }] }
  }
  for (;;) {
    try {
      const path = `/api/v1/namespaces/${namespace}/pods`
      await client.call({ method: 'POST', path, query: { dryRun: 'All' }, body: pod, noRetry: true })
    } catch {
      return
    }
  }
}
