// Serves an admission webhook for one kind of object in one namespace, and registers it with the API server.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { selfSigned } from '../fixtures/self-signed.ts'
import type { TestCluster } from './cluster.ts'

export interface WebhookOptions {
  readonly kind: 'validating' | 'mutating'
  readonly name: string
  readonly apiGroup: string
  readonly resource: string
  /** Returns the response to the creation of an object, without its uid. */
  respond (object: { readonly metadata: { readonly annotations?: object } }): object
}

/**
 * Listens on this machine only, where the API server of the tests runs. The API server gets to know the webhook a
 * moment after this resolves.
 */
export async function admissionWebhook (
  t: Test,
  { client, namespace }: TestCluster,
  { kind, name, apiGroup, resource, respond }: WebhookOptions
): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`
  const { certificate, key } = selfSigned(t.testdir(), 'IP:127.0.0.1')
  const cert = readFileSync(certificate)
  const server = createServer({ cert, key: readFileSync(key) }, async (request, reply) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { request: { uid, object } } = JSON.parse(Buffer.concat(chunks).toString())
    const response = { uid, ...respond(object) }
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await client.call({
    method: 'POST',
    path,
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
    await client.call({ method: 'DELETE', path: `${path}/${name}` })
    server.closeAllConnections()
    server.close()
  })
}
