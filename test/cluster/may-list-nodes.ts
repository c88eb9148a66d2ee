// Lets the user of `onlyTheRole` list the nodes, with the ClusterRole of conf-templates.

import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { isForbidden } from '../../plugins/kubernetes/client/errors.ts'
import { clientOf, type TestCluster } from './cluster.ts'

const ROLE = new URL('../../conf-templates/kubernetes-node-reader.yaml', import.meta.url)
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

/** Resolves once the right is in force. `kubeconfig` is that of the user. */
export async function mayListNodes (t: Test, { client, namespace }: TestCluster, kubeconfig: string): Promise<void> {
  const name = `nodes-of-${namespace}`
  const role = parse(readFileSync(ROLE, 'utf8'))
  await client.call({ method: 'POST', path: `${RBAC}/clusterroles`, body: { ...role, metadata: { name } } })
  await client.call({
    method: 'POST',
    path: `${RBAC}/clusterrolebindings`,
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `launcher-of-${namespace}` }]
    }
  })
  t.teardown(async () => {
    for (const kind of ['clusterrolebindings', 'clusterroles']) {
      await client.call({ method: 'DELETE', path: `${RBAC}/${kind}/${name}` })
    }
  })
  const own = await clientOf(t, kubeconfig)
  // The authorizer gets the binding through a watch of its own.
  for (;;) {
    try {
      await own.call({ method: 'GET', path: '/api/v1/nodes' })
      return
    } catch (error) {
      if (!isForbidden(error)) throw error
    }
  }
}
