// An admission webhook that changes every Job, or every pod, of one namespace as it is created.

import type { Test } from 'tap'
import { admissionWebhook } from './admission-webhook.ts'
import type { TestCluster } from './cluster.ts'

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
    // As the launcher sets them: a patch must fit both.
    spec: { parallelism: 1, completions: 1, podReplacementPolicy: 'Failed', template: { spec: PLAIN } }
  },
  pods: { apiGroup: '', path: (namespace: string) => `/api/v1/namespaces/${namespace}/pods`, spec: PLAIN }
} as const

/** Applies the JSON patch. Resolves when the webhook is in force. */
export async function mutateWebhook (
  t: Test,
  cluster: TestCluster,
  resource: keyof typeof OBJECTS,
  patch: readonly object[]
): Promise<void> {
  const { client, namespace } = cluster
  const { apiGroup, path, spec } = OBJECTS[resource]
  await admissionWebhook(t, cluster, {
    kind: 'mutating',
    name: `mutate.${namespace}.example`,
    apiGroup,
    resource,
    respond ({ metadata }) {
      const mark = metadata.annotations === undefined
        ? { op: 'add', path: '/metadata/annotations', value: { [MARK]: 'yes' } }
        : { op: 'add', path: `/metadata/annotations/${MARK.replace('/', '~1')}`, value: 'yes' }
      const operations = Buffer.from(JSON.stringify([...patch, mark])).toString('base64')
      return { allowed: true, patchType: 'JSONPatch', patch: operations }
    }
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
