// An admission webhook that denies every pod of one namespace, until it is opened.

import type { Test } from 'tap'
import { admissionWebhook } from './admission-webhook.ts'
import type { TestCluster } from './cluster.ts'

/** Resolves when the webhook is in force. */
export async function denyWebhook (t: Test, cluster: TestCluster, message: string) {
  let denies = true
  const name = `deny.${cluster.namespace}.example`
  await admissionWebhook(t, cluster, {
    kind: 'validating',
    name,
    apiGroup: '',
    resource: 'pods',
    respond: () => ({ allowed: !denies, ...(denies && { status: { code: 403, message } }) })
  })
  await untilPodRefused(cluster)
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
