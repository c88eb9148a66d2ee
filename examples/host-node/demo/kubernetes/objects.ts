// Shows what the launcher made in the cluster, as `kubectl get` with the same labels would, and checks that it is all.

import type { ClientJob } from '../../../../launcher/client/client.ts'
import { isNotFound } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Expectations } from '../expect.ts'
import { printColumns } from '../show.ts'
import type { DemoNamespace } from './namespace.ts'

interface KubeObject {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: ReadonlyArray<{ readonly name: string }>
  }
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
  {
    kind: 'Job',
    path: '/apis/batch/v1',
    plural: 'jobs',
    status: ({ status }: KubeObject) =>
      status?.active ? 'active' : status?.succeeded ? 'complete' : status?.failed ? 'failed' : ''
  },
  { kind: 'Pod', path: '/api/v1', plural: 'pods', status: ({ status }: KubeObject) => status?.phase ?? '' },
  { kind: 'Service', path: '/api/v1', plural: 'services', status: ({ spec }: KubeObject) => spec?.clusterIP ?? '' },
  {
    kind: 'Secret',
    path: '/api/v1',
    plural: 'secrets',
    status: ({ data = {} }: KubeObject) => `${Object.keys(data).length} keys`
  }
] as const
const INSTANCE = 'job-launcher/instance'
const JOB = 'job-launcher/job'
const USER = 'job-launcher/user'

/** `wanted` says which kinds there must be of each job, one each. `hidden` are texts that may stand in no object. */
export async function showObjects (
  { admin, name, installation }: DemoNamespace,
  instance: string,
  wanted: ReadonlyArray<{ job: ClientJob; kinds: readonly string[] }>,
  hidden: string,
  expectations: Expectations
): Promise<void> {
  const selector = `${INSTANCE}=${instance}`
  const found = (
    await Promise.all(
      KINDS.map(async ({ kind, path, plural }) => {
        const { items } = await admin.call<{ items: KubeObject[] }>({
          method: 'GET',
          path: `${path}/namespaces/${name}/${plural}`,
          query: { labelSelector: selector }
        })
        return items.map(item => ({ ...item, kind }))
      })
    )
  ).flat()
  const label = ({ metadata }: KubeObject, key: string): string => metadata.labels?.[key] ?? ''
  const rows = found.map(object => [
    object.kind,
    object.metadata.name,
    KINDS.find(({ kind }) => kind === object.kind)!.status(object),
    label(object, USER),
    label(object, JOB)
  ])
  console.log(
    `$ kubectl get ${KINDS.map(({ plural }) => plural).join(',')} -n ${name} -L ${USER},${JOB} \\\n    -l ${selector}`
  )
  printColumns([['KIND', 'NAME', 'STATUS', 'USER', 'JOB'], ...rows.sort((a, b) => a[4]!.localeCompare(b[4]!))])

  for (const { job, kinds } of wanted) {
    const own = found.filter(object => label(object, JOB) === job.id)
    expectations.that(
      own.map(({ kind }) => kind).join() === kinds.join(),
      `${job.name} has ${kinds.join(', ')} in the cluster, and has ${own.map(({ kind }) => kind).join(', ')}`
    )
    for (const object of own) {
      const { name, ownerReferences } = object.metadata
      expectations.that(
        label(object, USER) === job.user,
        `${object.kind} ${name} has the label of the user ${job.user}`
      )
      expectations.that(
        object.kind === 'Job' || ownerReferences?.[0]?.name === `job-${job.id}`,
        `${object.kind} ${name} belongs to its Job`
      )
    }
  }
  const common = {
    'app.kubernetes.io/managed-by': 'job-launcher',
    [INSTANCE]: instance,
    'job-launcher/installation': installation
  }
  for (const [key, value] of Object.entries(common)) {
    expectations.that(found.every(object => label(object, key) === value), `all objects have the label ${key}=${value}`)
  }
  console.log(`All of them have ${Object.entries(common).map(([key, value]) => `${key}=${value}`).join(',\n    ')}.`)
  const open = found.filter(({ kind }) => kind !== 'Secret')
  expectations.that(!JSON.stringify(open).includes(hidden), 'a secret stands in no object but the Secret')
}

/** Whether the Job is there. */
export async function hasJob ({ admin, name }: DemoNamespace, id: string): Promise<boolean> {
  try {
    await admin.call({ method: 'GET', path: `/apis/batch/v1/namespaces/${name}/jobs/job-${id}` })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
