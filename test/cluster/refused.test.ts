// Jobs whose pod no rule of a real cluster admits: told before a submission and on the job. The plugin acts as a user
// with exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { ExplainedObject, JobSubmission } from '../../launcher/plugin.ts'
import { program } from './busybox.ts'
import { noCluster, type TestCluster } from './cluster.ts'
import { denyWebhook, untilPodRefused } from './deny-webhook.ts'
import { ownNamespace } from './plugin-driver.ts'
import { untilWaiting } from './waiting.ts'

const AT_ONCE = 4
const POLICIES = '/apis/admissionregistration.k8s.io/v1'

function createIn ({ client, namespace }: TestCluster, kind: string, body: object): Promise<unknown> {
  return client.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/${kind}`, body })
}

async function limitRange (_t: Test, cluster: TestCluster): Promise<void> {
  await createIn(cluster, 'limitranges', {
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] }
  })
}

async function memoryQuota (_t: Test, cluster: TestCluster): Promise<void> {
  await createIn(cluster, 'resourcequotas', {
    metadata: { name: 'memory' },
    spec: { hard: { 'limits.memory': '10Gi' } }
  })
  await untilPodRefused(cluster)
}

async function podSecurity (_t: Test, { client, namespace }: TestCluster): Promise<void> {
  await client.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }
  })
  await untilPodRefused({ client, namespace })
}

async function policy (t: Test, { client, namespace }: TestCluster): Promise<void> {
  const name = `team.${namespace}`
  await client.call({
    method: 'POST',
    path: `${POLICIES}/validatingadmissionpolicies`,
    body: {
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]
        },
        validations: [
          { expression: "'team' in object.metadata.?labels.orValue({})", message: 'every pod needs a team' }
        ]
      }
    }
  })
  t.teardown(() => client.call({ method: 'DELETE', path: `${POLICIES}/validatingadmissionpolicies/${name}` }))
  await client.call({
    method: 'POST',
    path: `${POLICIES}/validatingadmissionpolicybindings`,
    body: {
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }
      }
    }
  })
  t.teardown(() => client.call({ method: 'DELETE', path: `${POLICIES}/validatingadmissionpolicybindings/${name}` }))
  await untilPodRefused({ client, namespace })
}

/** What makes the cluster refuse the pod of which job, and what the launcher says of it. */
const RULES: Array<[
  name: string, rule: (t: Test, cluster: TestCluster) => Promise<void>, changes: Partial<JobSubmission>, why: RegExp
]> = [
  [
    'a LimitRange', limitRange, { resourceLimits: [{ type: 'cpuCount', value: 2 }] },
    /: a LimitRange of the namespace forbids it \(Kubernetes: .*maximum cpu usage per Container is 1, but limit is 2\)\.$/
  ],
  [
    'a quota that requires a memory limit', memoryQuota, {},
    /: the quota memory requires a value for limits\.memory \(Kubernetes: .*must specify limits\.memory for: content\)\.$/
  ],
  [
    'Pod Security', podSecurity, {},
    /: the Pod Security level restricted:latest of the namespace forbids it \(Kubernetes: .*runAsNonRoot=true\)\)\.$/
  ],
  [
    'a ValidatingAdmissionPolicy', policy, {},
    /: the policy team\.test-\w+ forbids it \(Kubernetes: .* denied request: every pod needs a team\)\.$/
  ]
]

t.test('refusals by rules of a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = AT_ONCE
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  for (const [name, rule, changes, why] of RULES) {
    show(`${name} refuses a job before its submission, and ends a submitted job at once`, async t => {
      const { driver, cluster } = await ownNamespace(t, { 'pod-security': 'baseline' })
      await rule(t, cluster)
      const submission = program('true', changes)
      const decision = await driver.plugin.decide(submission, { user: 'ada', groups: [] }, { explain: true })
      t.equal(decision.admitted, undefined)
      t.match(decision.refusals, [{ code: 'InvalidJob', message: why, details: { object: 'Pod' } }])
      t.strictSame(states(decision.explanation?.objects), ['Job accepted', 'Pod refused'])
      const job = await driver.submit(submission)
      t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'RefusedByCluster', message: why })
    })
  }

  show('a webhook that denies the pod lets the job wait, and run once it allows the pod', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const webhook = await denyWebhook(t, cluster, 'not on Sundays')
    const why = new RegExp(`: the admission webhook ${webhook.name} denies it \\(Kubernetes: .*: not on Sundays\\)\\.$`)
    const decision = await driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    t.match(decision.refusals, [{ code: 'InvalidJob', message: why }])
    t.strictSame(states(decision.explanation?.objects), ['Job accepted', 'Pod refused'])
    const job = await driver.submit(program('exit 5'))
    t.match(await untilWaiting(driver, job, 'RefusedByCluster'), { message: why })
    webhook.open()
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 5 })
  })

  show('a job that a webhook denies until the start deadline ends with the words of the webhook', async t => {
    const { driver, cluster } = await ownNamespace(t, { 'start-deadline-seconds': 12 })
    const webhook = await denyWebhook(t, cluster, 'not on Sundays')
    const job = await driver.submit(program('true'))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Failed', reason: 'RefusedByCluster', message: /^The job did not start within 12 s / })
    t.match(outcome.message, new RegExp(`the admission webhook ${webhook.name} denies it .*: not on Sundays`))
  })

  show('a launcher that may not create pods says that it could not ask about the pod', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${cluster.namespace}/roles/job-launcher`
    const { rules } = await cluster.client.call<{ rules: Array<{ resources: string[], verbs: string[] }> }>({
      method: 'GET',
      path: role
    })
    await cluster.client.call({
      method: 'PATCH',
      path: role,
      contentType: 'application/merge-patch+json',
      body: { rules: rules.filter(({ resources, verbs }) => !(resources[0] === 'pods' && verbs[0] === 'create')) }
    })
    const explain = () => driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    let decision = await explain()
    // The authorizer gets the Role through a watch of its own.
    while (states(decision.explanation?.objects)[1] === 'Pod accepted') decision = await explain()
    t.strictSame(states(decision.explanation?.objects), ['Job accepted', 'Pod unknown'])
    t.match(decision.explanation?.objects?.[1]?.verdict.message, /^The launcher has no right to create a Pod .*doctor/)
    t.ok(decision.admitted, 'the job is admitted all the same')
  })
})

function states (objects: readonly ExplainedObject[] = []): string[] {
  return objects.map(({ kind, verdict }) => `${kind} ${verdict.state}`)
}
