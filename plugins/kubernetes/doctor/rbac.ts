// The rights that the plugin needs in its namespace, each with its purpose, and the Role that grants exactly these.

export interface Right {
  /** API group; empty for the core group. */
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
  readonly why: string
  /** Jobs run without it; `why` says what is missing then. */
  readonly optional?: true
  /** Needed only if the data of the host is a claim (DataDirPVCName). */
  readonly forClaim?: true
}

/**
 * Services and Secrets are owned by their Job and deleted with it. They are listed, by name only, and deleted if their
 * Job was deleted without them. The content of a Secret is never read.
 */
export const RIGHTS: readonly Right[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    why: 'Each job is a Job. A patch stops it; it is deleted when it expires.'
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get', 'list', 'watch', 'delete'],
    why: 'The pod shows the state of the job. A kill deletes it at once.'
  },
  { group: '', resource: 'pods/log', verbs: ['get'], why: 'Reads the output of jobs.' },
  { group: '', resource: 'services', verbs: ['create', 'get'], why: 'Jobs that expose ports have a Service.' },
  {
    group: '',
    resource: 'secrets',
    verbs: ['create'],
    why: 'Secrets and standard input of a job are stored in its own Secret.'
  },
  {
    group: '',
    resource: 'events',
    verbs: ['list'],
    why: 'Events show why a job waits if its pod does not, such as a quota that is used up.',
    optional: true
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['create'],
    why: 'Lets explain dry-run the pod of a job. No pod is created; Jobs allow any pod already.',
    optional: true
  },
  {
    group: '',
    resource: 'services',
    verbs: ['list', 'delete'],
    why: 'Removes a Service that lost its Job.',
    optional: true
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['list', 'delete'],
    why: 'Removes a Secret that lost its Job. Its name is read, its content is not.',
    optional: true
  },
  {
    group: '',
    resource: 'serviceaccounts',
    verbs: ['get'],
    why: 'A job with a service account that does not exist is rejected at once.',
    optional: true
  },
  {
    group: '',
    resource: 'namespaces',
    verbs: ['get'],
    why: 'With pod-security = auto, reads the Pod Security level of this namespace.',
    optional: true
  },
  {
    group: '',
    resource: 'resourcequotas',
    verbs: ['list'],
    why: 'Lets doctor check whether the quotas of the namespace leave room for jobs.',
    optional: true
  },
  {
    group: '',
    resource: 'persistentvolumeclaims',
    verbs: ['get'],
    forClaim: true,
    why: 'Lets doctor check that the claim with the data of the host exists.',
    optional: true
  },
  {
    group: 'metrics.k8s.io',
    resource: 'pods',
    verbs: ['get', 'list'],
    why: 'Reads CPU and memory of one job and of all, if the cluster has a metrics server.',
    optional: true
  }
]

/** Returns the text of the Role, for `kubectl apply --namespace NAMESPACE -f`. */
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

function rule (right: Right): string {
  const { group, resource, verbs } = right
  return `  # ${ruleComment(right)}
  - apiGroups: ["${group}"]
    resources: ["${resource}"]
    verbs: [${verbs.map(verb => `"${verb}"`).join(', ')}]
`
}

/** Returns the text of the ClusterRole that lets `auto` use image volumes, for `kubectl apply -f`. */
export function nodeReaderText (): string {
  return `# Optional: the right to list the nodes, which no Role can grant. With runtime-delivery = auto, the launcher
# uses image volumes only if it knows that every node supports them. A job for a host that does not exist says so.
# Written from plugins/kubernetes/doctor/rbac.ts.
#   kubectl apply -f kubernetes-node-reader.yaml
#   kubectl create clusterrolebinding job-launcher-nodes --clusterrole job-launcher-nodes \\
#     --serviceaccount NAMESPACE:ACCOUNT
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: job-launcher-nodes
rules:
  # Their versions of kubelet and container runtime show whether they support image volumes. Their names show whether
  # the host of a job exists.
  - apiGroups: [""]
    resources: ["nodes"]
    verbs: ["list"]
`
}

/** Returns the purpose of the right, and when it is not needed. */
export function ruleComment ({ why, optional, forClaim }: Right): string {
  return [
    why,
    ...(optional === true ? ['Optional.'] : []),
    ...(forClaim === true ? ['Not needed without data-dir-pvc-name.'] : [])
  ].join(' ')
}
