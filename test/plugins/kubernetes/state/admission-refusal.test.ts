import t from 'tap'
import { admissionRefusalOf } from '../../../../plugins/kubernetes/state/admission-refusal.ts'

const RULES: Array<[message: string, by: string, why: string]> = [
  [
    "pods \"j\" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'all' denied request: no team",
    'decision',
    'the policy team forbids it'
  ],
  [
    "pods \"j\" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'all' denied request: failed to " +
      'configure binding: no params found',
    'condition',
    'the policy team cannot be applied with its binding all'
  ],
  [
    "policy 'mut' with binding 'all' denied request: expression 'object.x' resulted in error: no such key: x",
    'condition',
    'the mutating policy mut cannot be applied'
  ],
  [
    "policy 'mut' with binding 'all' denied request: failed to configure binding: no params found",
    'condition',
    'the policy mut cannot be applied with its binding all'
  ],
  [
    'Error creating: Pod "job-x" is invalid: spec.containers[0].resources.requests: Invalid value: "128M"',
    'rule',
    'its fields are not valid'
  ],
  [
    'admission webhook "policy.example" denied the request: no',
    'decision',
    'the admission webhook policy.example denies it'
  ],
  [
    'Internal error occurred: failed calling webhook "policy.example": context deadline exceeded',
    'condition',
    'the admission webhook policy.example cannot be asked'
  ],
  [
    'pods "j" is forbidden: violates PodSecurity "restricted:v1.37": runAsNonRoot != true',
    'rule',
    'the Pod Security level restricted:v1.37 of the namespace jobs forbids it'
  ],
  [
    'pods "j" is forbidden: failed quota: mem: must specify limits.memory for: a,wait; requests.cpu for: a',
    'rule',
    'the quota mem of the namespace jobs requires a value for limits.memory, requests.cpu'
  ],
  [
    'pods is forbidden: failed quota: mem: must specify memory', 'rule',
    'the quota mem of the namespace jobs requires a value for memory'
  ],
  [
    'pods "j" is forbidden: minimum memory usage per Container is 64Mi. No request is specified',
    'rule',
    'a LimitRange of the namespace jobs forbids it'
  ],
  [
    'pods "j" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4',
    'rule',
    'a LimitRange of the namespace jobs forbids it'
  ],
  [
    'pods "j" is forbidden: no PriorityClass with name very-high was found',
    'condition',
    'no PriorityClass named very-high exists'
  ],
  [
    'pods "j" is forbidden: pod rejected: RuntimeClass "sandbox" not found',
    'condition',
    'no RuntimeClass named sandbox exists'
  ],
  [
    'pods "j" is forbidden: error looking up service account jobs/runner: serviceaccount "runner" not found',
    'condition',
    'the service account runner does not exist in the namespace jobs'
  ],
  ['pods "j" is forbidden: something of an own plugin', 'condition', 'a rule of the cluster forbids it']
]

t.test('the rule of a refusal is recognized by the words of the API server', async t => {
  for (const [message, by, why] of RULES) t.strictSame(admissionRefusalOf(message, 'jobs'), { by, why }, message)
})

t.test('other errors are not the refusal of a rule', async t => {
  for (const message of [
    'jobs.batch is forbidden: User "ann" cannot create resource "jobs" in API group "batch" in the namespace "x"',
    'pods "j" is forbidden: unable to create new content in namespace x because it is being terminated',
    'pods "j" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    'pods "j" is forbidden: not yet ready to handle request',
    'etcdserver: request timed out',
    ''
  ]) t.equal(admissionRefusalOf(message, 'jobs'), undefined, message)
})
