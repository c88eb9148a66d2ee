import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { unschedulable } from '../../../../plugins/kubernetes/state/unschedulable.ts'

const cases: Array<[message: string, asks: Partial<JobSubmission>, begins: string, reason?: string]> = [
  [
    '0/3 nodes are available: 3 Insufficient cpu.',
    { resourceLimits: [{ type: 'cpuCount', value: 64 }] },
    'No node has enough CPU free (the job requests 64 CPUs); the job starts when one has (Kubernetes: '
  ],
  [
    '0/3 nodes are available: 3 Insufficient cpu.',
    {
      resourceLimits: [
        { type: 'cpuCount', value: 64 },
        { type: 'cpuRequest', value: 8 }
      ]
    },
    'No node has enough CPU free (the job requests 8 CPUs);'
  ],
  [
    '0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.',
    { resourceLimits: [{ type: 'memory', value: 9000 }] },
    'No node has enough CPU free and enough memory free (the job requests 9000 MB of memory);'
  ],
  [
    '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    { resourceLimits: [{ type: 'nvidiaGpus', value: 2 }] },
    'No node has enough NVIDIA GPUs free (the job requests 2 NVIDIA GPUs);'
  ],
  ['0/1 nodes are available: 1 Too many pods.', {}, 'No node has room for one more pod;'],
  [
    "0/3 nodes are available: 3 node(s) didn't match node selector.",
    { placementConstraints: [{ name: 'zone', value: 'b' }, { name: 'gpu' }] },
    "No node has the labels that the job's placement requests (zone=b, gpu);"
  ],
  [
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3",
    {},
    'No node has the labels that the node selector or the node affinity of its pod requests, which a base Job or an ' +
      'override can set;'
  ],
  [
    "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    {},
    'No node has the published port free;'
  ],
  [
    "0/1 nodes are available: 1 node(s) had taint {node.kubernetes.io/not-ready: }, that the pod didn't tolerate.",
    {},
    'No node accepts the job: the nodes are reserved for others, or not ready (Kubernetes: '
  ],
  [
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had taint {a: b}, that the pod didn't tolerate.",
    {},
    'No node has enough CPU free;'
  ],
  ['no nodes available to schedule pods', {}, 'No node can run the job now (Kubernetes: '],
  ['', {}, 'No node can run the job now.'],
  [
    'persistentvolumeclaim "data" not found',
    {},
    'The job mounts the persistent volume claim data, which does not exist (',
    'VolumeNotReady'
  ],
  [
    '0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.',
    {},
    'The job mounts a persistent volume claim that is not bound to a volume yet (',
    'VolumeNotReady'
  ],
  [
    '0/1 nodes are available: 1 node(s) had volume node affinity conflict.',
    {},
    'No node can reach the storage that the job mounts (',
    'VolumeNotReady'
  ]
]

t.test('the message names each shortage with the amount that the job requests', async t => {
  for (const [message, requests, begins, reason = 'Unschedulable'] of cases) {
    const result = unschedulable(message, { name: 'x', ...requests }, { namespace: 'jobs' })
    t.equal(result.message.slice(0, begins.length), begins)
    t.equal(result.reason, reason, message)
    t.match(result.message, /\.$/)
  }
})

t.test('a claim that is not bound is named with its namespace, and what the operator checks', async t => {
  const remedy = 'The operator checks the claim in the namespace jobs: its storage class must exist and have a ' +
    'provisioner, or a free volume must match it.'
  const problem = (message: string, ...claims: string[]): string =>
    unschedulable(message, { name: 'x' }, { namespace: 'jobs', claims }).message
  const unbound = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found'
  const late = "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind."
  for (const words of [unbound, late]) {
    t.equal(
      problem(words, 'data'),
      'The job mounts the persistent volume claim data, which is not bound to a volume yet (Kubernetes: ' +
        `${words.replace(/\.$/, '')}). ${remedy}`
    )
  }
  t.equal(
    problem(unbound, 'data', 'more', 'data'),
    'One of the persistent volume claims that the job mounts is not bound to a volume yet: data, more (Kubernetes: ' +
      `${unbound}). ${remedy}`
  )
  const conflict = '0/1 nodes are available: 1 node(s) had volume node affinity conflict'
  t.equal(
    problem(conflict, 'data', 'more'),
    'No node can reach the storage of the persistent volume claims data, more that the job mounts (Kubernetes: ' +
      `${conflict}).`
  )
})
