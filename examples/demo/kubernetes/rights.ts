// Shows what the launcher's account may do in the cluster, and checks it against the Role that it was given.

import { loadYaml } from '@kubernetes/client-node'
import type { KubernetesObjectApi, V1Role, V1SelfSubjectAccessReview } from '@kubernetes/client-node'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Expectations } from '../expect.ts'
import { printColumns } from '../show.ts'

const ROLE = join(import.meta.dirname, '../../../conf-templates/kubernetes-role.yaml')

/** What the Role does not grant, in the namespace of the jobs and in another one. */
const DENIED = [
  { group: '', resource: 'secrets', verbs: ['get', 'watch'] },
  { group: '', resource: 'pods', verbs: ['update', 'patch'] },
  { group: '', resource: 'pods/exec', verbs: ['create'] },
  { group: 'batch', resource: 'jobs', verbs: ['create', 'list'], namespace: 'default' }
]

/** The Role as it comes with the launcher. */
export async function launcherRole (): Promise<V1Role> {
  return loadYaml<V1Role>(await readFile(ROLE, 'utf8'))
}

/** `account` asks as the launcher's account. */
export async function showRights (
  account: KubernetesObjectApi, own: string, role: V1Role, expectations: Expectations
): Promise<void> {
  const granted = role.rules!.flatMap(({ apiGroups, resources, verbs }) =>
    resources!.map(resource => ({ group: apiGroups![0]!, resource, verbs, wanted: true })))
  const denied = DENIED.map(right => ({ ...right, wanted: false }))
  const rows = await Promise.all([...granted, ...denied].map(async right => {
    const { group, resource, verbs, wanted, namespace = own } = { namespace: undefined, ...right }
    const answers = await Promise.all(verbs.map(verb => isAllowed(account, { namespace, verb, group, resource })))
    const isAsWanted = answers.every(allowed => allowed === wanted)
    const what = [verbs.join(', '), group === 'metrics.k8s.io' ? `${resource}.${group}` : resource, namespace]
    expectations.that(isAsWanted, `the launcher ${wanted ? 'may' : 'may not'} ${what.join(' ')}`)
    return [wanted === isAsWanted ? 'may' : 'may not', ...what]
  }))
  printColumns([['LAUNCHER', 'VERBS', 'RESOURCE', 'NAMESPACE'], ...rows])
}

interface Access {
  readonly namespace: string
  readonly verb: string
  readonly group: string
  /** With its subresource, if any, after a slash. */
  readonly resource: string
}

async function isAllowed (account: KubernetesObjectApi, { resource: path, ...access }: Access): Promise<boolean> {
  const [resource, subresource] = path.split('/')
  const { status } = await account.create<V1SelfSubjectAccessReview>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { ...access, resource: resource!, ...(subresource !== undefined && { subresource }) } }
  })
  return status?.allowed === true
}
