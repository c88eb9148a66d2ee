// When Kubernetes replaces the pod of a Job that no launcher watches, on a real cluster.

import t from 'tap'
import { jobObject } from '../../plugins/kubernetes/objects/job.ts'
import { newId } from '../conformance/driver.ts'
import { jobWith } from '../plugins/kubernetes/sample-objects.ts'
import { program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'

interface Pod { readonly metadata: { readonly name: string }, readonly status: { readonly phase: string } }

t.test('the pod of a Job is not replaced while it ends', { skip: noCluster, timeout: 120_000 }, async t => {
  const { client, namespace } = await testCluster(t)
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const list = async () => (await client.call<{ items: Pod[] }>({ method: 'GET', path: pods })).items
  const job = { ...jobWith(program("trap '' TERM; while :; do sleep 1; done", { stopGraceSeconds: 5 })), id: newId() }
  const body = jobObject(job, { namespace, instance: 'c0ffee000000', expiryHours: 1 })
  await client.call({ method: 'POST', path: `/apis/batch/v1/namespaces/${namespace}/jobs`, body })
  let first: Pod | undefined
  while (first?.status.phase !== 'Running') [first] = await list()
  const path = `${pods}/${first.metadata.name}`
  const contentType = 'application/merge-patch+json'
  await client.call({ method: 'PATCH', path, contentType, body: { metadata: { finalizers: null } } })
  await client.call({ method: 'DELETE', path })
  for (;;) {
    const names = (await list()).map(({ metadata: { name } }) => name)
    if (!names.includes(first.metadata.name)) break
    if (names.length > 1) return t.fail('a second pod exists beside the first')
  }
  t.pass('no other pod existed until the first was gone')
})
