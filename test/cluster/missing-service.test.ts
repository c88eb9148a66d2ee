// Jobs that expose ports in a namespace whose quota has no room for a Service. The launcher has exactly the Role of
// conf-templates.

import { setTimeout } from 'node:timers/promises'
import type { V1EndpointSlice } from '@kubernetes/client-node'
import t from 'tap'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { start } from '../e2e/launcher-process.ts'
import { IMAGE } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

t.test('a job runs without the Service that a quota prevents, says so, and gets it later', {
  skip: noCluster,
  timeout: 240_000
}, async t => {
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const quota = `/api/v1/namespaces/${namespace}/resourcequotas`
  await client.call({
    method: 'POST',
    path: quota,
    body: { metadata: { name: 'none' }, spec: { hard: { services: '0' } } }
  })
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster))
  await start(t, here)
  const submission = {
    name: 'serves',
    cluster: 'Kubernetes',
    command: UNTIL_STOPPED,
    container: { image: IMAGE },
    exposedPorts: [{ targetPort: 8080 }]
  }
  // The API server gets to know the quota a moment later.
  let explanation
  do {
    explanation = await here.client.explain(submission)
  } while (explanation.objects!.find(({ kind }) => kind === 'Service')!.verdict.state === 'accepted')
  t.match(explanation, { accepted: true })

  const ids = []
  for (const secrets of [[], [{ name: 'TOKEN', value: 'x' }]]) {
    ids.push((await here.client.submit({ ...submission, secrets })).id)
  }
  for (const id of ids) {
    let job = await here.client.get(id)
    while (job.status === 'Pending') job = await here.client.get(id)
    t.match(job, { status: 'Running', reason: 'QuotaExceeded' })
    t.match(job.message, /^The job runs without its Service for now\. The quota none of the namespace \S+ is too /)
    t.match(job.message, / needs services=1, and the quota allows services=0; the Service cannot be created until /)
    const network = await here.client.network(id)
    t.match(network, { service: undefined, serviceMissing: { reason: 'QuotaExceeded' }, ports: [{ targetPort: 8080 }] })
    t.equal(network.addresses.length, 1, 'the address of the pod')
  }
  await client.call({
    method: 'PATCH',
    path: `${quota}/none`,
    contentType: 'application/merge-patch+json',
    body: { spec: { hard: { services: '5' } } }
  })
  for (const id of ids) {
    let job = await here.client.get(id)
    while (job.reason !== undefined) job = await here.client.get(id)
    t.match(job, { status: 'Running', message: undefined })
    t.match(await here.client.network(id), { service: `job-${id}.${namespace}.svc`, serviceMissing: undefined })
    await leadsOnlyToItsPod(id)
  }

  /** Another pod has the label of the job. A Service that selects by this label only shows when both pods are ready. */
  async function leadsOnlyToItsPod (id: string): Promise<void> {
    const core = `/api/v1/namespaces/${namespace}`
    const labels = { 'job-launcher/job': id }
    const name = `stranger-${id}`
    await client.call({
      method: 'POST',
      path: `${core}/pods`,
      body: {
        metadata: { name, labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Never', command: ['sleep', '1000'] }]
        }
      }
    })
    await client.call({
      method: 'POST',
      path: `${core}/services`,
      body: { metadata: { name }, spec: { selector: labels, ports: [{ port: 8080 }] } }
    })
    while ((await addressesOf(name)).length < 2) await setTimeout(100)
    t.strictSame(await addressesOf(`job-${id}`), (await here.client.network(id)).addresses.slice(0, 1))
  }

  async function addressesOf (service: string): Promise<string[]> {
    const { items } = await client.call<{ items: V1EndpointSlice[] }>({
      method: 'GET',
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      query: { labelSelector: `kubernetes.io/service-name=${service}` }
    })
    return items.flatMap(({ endpoints }) => endpoints?.flatMap(({ addresses }) => addresses) ?? [])
  }
})
