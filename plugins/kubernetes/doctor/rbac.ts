// The rights that the plugin needs in its namespace, each with its reason, and the Role that grants exactly them.

import { NO_GATE_SINCE } from '../lifecycle/start-gate.ts'

export interface Right {
  /** API group; empty for the core. */
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
  readonly why: string
  /** Jobs run without it; what is then missing is said in `why`. */
  readonly optional?: true
  /** Needed only before this minor version of Kubernetes 1. */
  readonly before?: number
  /** Of use only where the conf file has this key. */
  readonly key?: 'data-dir-pvc-name'
}

/**
 * Services and Secrets belong to their Job and go with it; they are listed, by name only, and deleted for those whose
 * Job was deleted without them. What a Secret holds is never read back.
 */
export const RIGHTS: readonly Right[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    why: 'Each job is a Job; a patch stops it; it is deleted when it expires.'
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get', 'list', 'watch', 'delete'],
    why: 'The pod shows how the job goes; a kill deletes it at once.'
  },
  { group: '', resource: 'pods/log', verbs: ['get'], why: 'Output of jobs.' },
  { group: '', resource: 'services', verbs: ['create', 'get'], why: 'Jobs that expose ports have a Service.' },
  {
    group: '',
    resource: 'secrets',
    verbs: ['create'],
    why: 'Secrets and standard input of a job are in a Secret of its own.'
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['create', 'list', 'patch', 'delete'],
    before: NO_GATE_SINCE,
    why: 'A gate lets each job start once; the names of gates are read.'
  },
  {
    group: '',
    resource: 'events',
    verbs: ['list'],
    why: 'Why a job waits that its pod says nothing of, such as a quota that is used up.',
    optional: true
  },
  {
    group: '',
    resource: 'services',
    verbs: ['list', 'delete'],
    why: 'A Service that lost its Job is removed.',
    optional: true
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['list', 'delete'],
    why: 'A Secret that lost its Job is removed; its name is read, not what it holds.',
    optional: true
  },
  {
    group: '',
    resource: 'serviceaccounts',
    verbs: ['get'],
    why: 'A job that names a service account which does not exist is refused at once.',
    optional: true
  },
  {
    group: '',
    resource: 'persistentvolumeclaims',
    verbs: ['get'],
    key: 'data-dir-pvc-name',
    why: 'Whether the claim with the data of the host is there, which doctor looks at.',
    optional: true
  },
  {
    group: 'metrics.k8s.io',
    resource: 'pods',
    verbs: ['get'],
    why: 'CPU and memory of jobs, where a metrics server is.',
    optional: true
  }
]

/** Text of the Role, for `kubectl apply --namespace NAMESPACE -f`. */
export function roleText (rights: readonly Right[] = RIGHTS): string {
  return `# The rights that the launcher needs in the namespace of its jobs, and nothing more.
# Written from plugins/kubernetes/doctor/rbac.ts.
#   kubectl --namespace NAMESPACE apply -f kubernetes-role.yaml
#   kubectl --namespace NAMESPACE create rolebinding job-launcher --role job-launcher --serviceaccount NAMESPACE:ACCOUNT
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: job-launcher
rules:
${rights.map(rule).join('')}`
}

function rule ({ group, resource, verbs, why, optional, before, key }: Right): string {
  return `  # ${why}${optional === true ? ' May be left out.' : ''}${before === undefined
? ''
: ' Not needed from ' +
    `Kubernetes 1.${before} on.`}${key === undefined ? '' : ` Not needed without ${key}.`}
  - apiGroups: ["${group}"]
    resources: ["${resource}"]
    verbs: [${verbs.map(verb => `"${verb}"`).join(', ')}]
`
}
