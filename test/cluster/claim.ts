// Creates a persistent volume claim that is bound to a volume.

import type { Test } from 'tap'
import type { TestCluster } from './cluster.ts'

/** Creates a claim for a folder of the node, and binds it: the throw-away cluster has no controller that does. */
export async function makeClaim (
  t: Test,
  { client, namespace }: TestCluster,
  name: string,
  path: string
): Promise<void> {
  const volume = `${namespace}-data`
  const sharedReads = { accessModes: ['ReadWriteMany'], storageClassName: '' }
  await client.call({
    method: 'POST',
    path: '/api/v1/persistentvolumes',
    body: {
      metadata: { name: volume },
      spec: {
        ...sharedReads,
        capacity: { storage: '1Gi' },
        hostPath: { path },
        claimRef: { namespace, name },
        persistentVolumeReclaimPolicy: 'Retain'
      }
    }
  })
  t.teardown(() => client.call({ method: 'DELETE', path: `/api/v1/persistentvolumes/${volume}` }))
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`
  await client.call({
    method: 'POST',
    path: claims,
    body: {
      metadata: { name, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { ...sharedReads, resources: { requests: { storage: '1Gi' } }, volumeName: volume }
    }
  })
  const claim = await client.call<{ metadata: { uid: string } }>({ method: 'GET', path: `${claims}/${name}` })
  await client.call({
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    path: `/api/v1/persistentvolumes/${volume}`,
    body: { spec: { claimRef: { uid: claim.metadata.uid } } }
  })
  await client.call({
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    path: `${claims}/${name}/status`,
    body: { status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: sharedReads.accessModes } }
  })
  await client.call({
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    path: `/api/v1/persistentvolumes/${volume}/status`,
    body: { status: { phase: 'Bound' } }
  })
}
