// Shows what the launcher made in the cluster, as `kubectl get` with the same labels would, and checks it.

import type { KubernetesObject } from '@kubernetes/client-node'
import type { ClientJob } from '../../../launcher/client/client.ts'
import type { Expectations } from '../expect.ts'
import { printColumns } from '../show.ts'
import { ifFound } from './admin.ts'
import type { DemoNamespace } from './namespace.ts'

interface Shown extends KubernetesObject {
  readonly spec?: { readonly clusterIP?: string }
  readonly data?: Readonly<Record<string, string>>
  readonly status?: {
    readonly phase?: string
    readonly active?: number
    readonly succeeded?: number
    readonly failed?: number
  }
}

const KINDS = [
  { kind: 'Job', apiVersion: 'batch/v1', plural: 'jobs', statusOf: ({ status }: Shown) => jobStatus(status) },
  { kind: 'Pod', apiVersion: 'v1', plural: 'pods', statusOf: ({ status }: Shown) => status?.phase ?? '' },
  { kind: 'Service', apiVersion: 'v1', plural: 'services', statusOf: ({ spec }: Shown) => spec?.clusterIP ?? '' },
  { kind: 'Secret', apiVersion: 'v1', plural: 'secrets', statusOf: ({ data }: Shown) => `${keysOf(data)} keys` }
] as const
const INSTANCE = 'job-launcher/instance'
const JOB = 'job-launcher/job'
const USER = 'job-launcher/user'

export interface WantedObjects {
  /** Id of the launcher whose objects are shown. */
  readonly instance: string
  /** The kinds that each job must have, one object each. */
  readonly kinds: ReadonlyArray<{ readonly job: ClientJob, readonly kinds: readonly string[] }>
  /** A text that must be in no object but a Secret. */
  readonly hidden: string
}

export async function showObjects (
  { admin, name: namespace, installation }: DemoNamespace, wanted: WantedObjects, expectations: Expectations
): Promise<void> {
  const selector = `${INSTANCE}=${wanted.instance}`
  const found = (await Promise.all(KINDS.map(async ({ kind, apiVersion }) => {
    const none = undefined
    const { items } = await admin.objects.list<Shown>(apiVersion, kind, namespace, none, none, none, none, selector)
    return items.map(item => ({ ...item, kind }))
  }))).flat()
  const plurals = KINDS.map(({ plural }) => plural).join(',')
  console.log(`$ kubectl get ${plurals} -n ${namespace} -L ${USER},${JOB} \\\n    -l ${selector}`)
  const rows = found.map(object => {
    const { statusOf } = KINDS.find(({ kind }) => kind === object.kind)!
    return [object.kind, nameOf(object), statusOf(object), label(object, USER), label(object, JOB)]
  })
  printColumns([['KIND', 'NAME', 'STATUS', 'USER', 'JOB'], ...rows.sort((a, b) => a[4]!.localeCompare(b[4]!))])

  for (const { job, kinds } of wanted.kinds) {
    const own = found.filter(object => label(object, JOB) === job.id)
    const has = own.map(({ kind }) => kind).join(', ')
    expectations.that(has === kinds.join(', '), `${job.name} has ${kinds.join(', ')} in the cluster, and has ${has}`)
    for (const object of own) {
      const name = `${object.kind} ${nameOf(object)}`
      const owner = object.metadata?.ownerReferences?.[0]?.name
      expectations.that(label(object, USER) === job.user, `${name} has the label of the user ${job.user}`)
      expectations.that(object.kind === 'Job' || owner === `job-${job.id}`, `${name} belongs to its Job`)
    }
  }
  const common = {
    'app.kubernetes.io/managed-by': 'job-launcher',
    [INSTANCE]: wanted.instance,
    'job-launcher/installation': installation
  }
  for (const [key, value] of Object.entries(common)) {
    expectations.that(found.every(object => label(object, key) === value), `all objects have the label ${key}=${value}`)
  }
  console.log(`All of them have ${Object.entries(common).map(([key, value]) => `${key}=${value}`).join(',\n    ')}.`)
  const open = found.filter(({ kind }) => kind !== 'Secret')
  expectations.that(!JSON.stringify(open).includes(wanted.hidden), 'no object but the Secret has the secret')
}

export async function hasJob ({ admin, name: namespace }: DemoNamespace, id: string): Promise<boolean> {
  const header = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: `job-${id}`, namespace } }
  return await ifFound(admin.objects.read(header)) !== undefined
}

function keysOf (data: Shown['data'] = {}): number {
  return Object.keys(data).length
}

function jobStatus (status: Shown['status']): string {
  if (status?.active) return 'active'
  if (status?.succeeded) return 'complete'
  return status?.failed ? 'failed' : ''
}

function nameOf ({ metadata }: KubernetesObject): string {
  return metadata?.name ?? ''
}

function label ({ metadata }: KubernetesObject, key: string): string {
  return metadata?.labels?.[key] ?? ''
}
