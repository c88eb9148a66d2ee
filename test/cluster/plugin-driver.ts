// Drivers of Kubernetes plugins on a test cluster, closed after the test.

import type { Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import type { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { drive, type Driver } from '../conformance/driver.ts'
import { kubernetesBackend } from '../conformance/kubernetes-backend.ts'
import { testCluster, type TestCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'

export async function driverOn (
  t: Test,
  cluster: TestCluster,
  kubeconfig: string,
  keys: Partial<KubernetesKeys> = {}
): Promise<Driver> {
  const backend = kubernetesBackend(cluster, kubeconfig, keys)
  t.teardown(() => backend.end())
  const driver = await drive(backend)
  t.teardown(() => driver.close())
  return driver
}

/** A driver on a new namespace, as a user with exactly the rights of the Role. */
export async function ownNamespace (t: Test, keys: Partial<KubernetesKeys> = {}) {
  const cluster = await testCluster(t)
  const kubeconfig = await onlyTheRole(t, cluster)
  return { cluster, kubeconfig, driver: await driverOn(t, cluster, kubeconfig, keys) }
}

/** The pods of the job in the cluster. */
export async function podsOf<Pod = { metadata: { name: string } }> (
  { client, namespace }: TestCluster,
  { id }: Job
): Promise<Pod[]> {
  const { items } = await client.call<{ items: Pod[] }>({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { labelSelector: `job-name=${objectName(id)}` }
  })
  return items
}
