// A user with the rights of conf-templates/kubernetes-role.yaml in one namespace, and no others.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type tap from 'tap'
import { parse } from 'yaml'
import { isForbidden } from '../../plugins/kubernetes/client/errors.ts'
import { clientOf, type TestCluster } from './cluster.ts'

const ROLE = new URL('../../conf-templates/kubernetes-role.yaml', import.meta.url)

/** Creates and binds the Role of the file; resolves with a kubeconfig of its user once the rights are in force. */
export async function onlyTheRole (
  t: Pick<typeof tap, 'teardown'>,
  { client, namespace, kubeconfig }: TestCluster
): Promise<string> {
  const user = `launcher-of-${namespace}`
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const role = parse(await readFile(ROLE, 'utf8')) as { metadata: { name: string } }
  await client.call({ method: 'POST', path: `${rbac}/roles`, body: role })
  await client.call({
    method: 'POST',
    path: `${rbac}/rolebindings`,
    body: {
      metadata: { name: role.metadata.name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }]
    }
  })
  const file = await actingAs(t, kubeconfig, user)
  const own = await clientOf(t, file)
  // The authorizer gets the binding through a watch of its own.
  for (;;) {
    try {
      await own.call({ method: 'GET', path: `/apis/batch/v1/namespaces/${namespace}/jobs` })
      return file
    } catch (error) {
      if (!isForbidden(error)) throw error
    }
  }
}

async function actingAs (t: Pick<typeof tap, 'teardown'>, kubeconfig: string, user: string): Promise<string> {
  const content = parse(await readFile(kubeconfig, 'utf8'))
  for (const { cluster } of content.clusters) {
    const authority = cluster['certificate-authority']
    if (authority !== undefined) cluster['certificate-authority'] = resolve(dirname(kubeconfig), authority)
  }
  for (const entry of content.users) entry.user.as = user
  const folder = await mkdtemp(join(tmpdir(), 'jl-role-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'kubeconfig')
  await writeFile(file, JSON.stringify(content), { mode: 0o600 })
  return file
}
