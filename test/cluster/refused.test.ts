// Jobs whose pod no rule of a real cluster admits: told before a submission and on the job. The plugin acts as a user
// with exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { ExplainedObject, JobSubmission } from '../../launcher/plugin.ts'
import { brokenMutatingPolicy, freezePolicy, noJobUpdates, teamPolicy } from './admission-policy.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster, type TestCluster } from './cluster.ts'
import { denyWebhook, untilPodRefused } from './deny-webhook.ts'
import { ownNamespace } from './plugin-driver.ts'
import { untilWaiting } from './waiting.ts'

const AT_ONCE = 4

function createIn ({ client, namespace }: TestCluster, kind: string, body: object): Promise<unknown> {
  return client.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/${kind}`, body })
}

async function limitRange (_t: Test, cluster: TestCluster): Promise<void> {
  await createIn(cluster, 'limitranges', {
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] }
  })
}

async function defaultLimit (_t: Test, cluster: TestCluster): Promise<void> {
  await createIn(cluster, 'limitranges', {
    metadata: { name: 'default' },
    spec: { limits: [{ type: 'Container', default: { memory: '64Mi' } }] }
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

/** Takes a right from the Role of the launcher. The authorizer gets to know it a moment later. */
async function withoutRight ({ client, namespace }: TestCluster, resource: string, verb: string): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/job-launcher`
  const { rules } = await client.call<{ rules: Array<{ resources: string[], verbs: string[] }> }>({
    method: 'GET', path
  })
  const left = rules.map(rule => ({
    ...rule, verbs: rule.verbs.filter(each => each !== verb || rule.resources[0] !== resource)
  }))
  await client.call({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { rules: left.filter(({ verbs }) => verbs.length > 0) }
  })
}

/** What makes the cluster refuse the pod of which job, and what the launcher says of it. */
const RULES: Array<[
  name: string, rule: (t: Test, cluster: TestCluster) => Promise<void>, changes: Partial<JobSubmission>, why: RegExp
]> = [
  [
    'a LimitRange', limitRange, { resourceLimits: [{ type: 'cpuCount', value: 2 }] },
    /: a LimitRange of the namespace test-\w+ forbids it \(Kubernetes: .*maximum cpu usage per Container is 1, but limit is 2\)\.$/
  ],
  [
    'the default limit of a LimitRange', defaultLimit, { resourceLimits: [{ type: 'memoryRequest', value: 128 }] },
    /: its fields are not valid \(Kubernetes: .*resources\.requests: .* less than or equal to memory limit of 64Mi\)\.$/
  ],
  [
    'a quota that requires a memory limit', memoryQuota, {},
    /: the quota memory of the namespace test-\w+ requires a value for limits\.memory \(Kubernetes: .*must specify limits\.memory for: content\)\.$/
  ],
  [
    'Pod Security', podSecurity, {},
    /: the Pod Security level restricted:latest of the namespace test-\w+ forbids it \(Kubernetes: .*runAsNonRoot=true\)\)\.$/
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
      t.match(decision.refusals, [{ code: 'RefusedByCluster', message: why, details: { object: 'Pod' } }])
      t.strictSame(states(decision.explanation?.objects), ['Job accepted', 'Pod refused'])
      const job = await driver.submit(submission)
      t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'RefusedByCluster', message: why })
    })
  }

  show('a policy refuses a job before its submission, and ends a submitted one at the start deadline', async t => {
    const { driver, cluster } = await ownNamespace(t, { 'start-deadline-seconds': 12 })
    const { name } = await teamPolicy(t, cluster)
    await untilPodRefused(cluster)
    const why = new RegExp(`: the policy ${name} forbids it \\(Kubernetes: .* request: every pod needs a team\\)\\.`)
    const decision = await driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    t.match(decision.refusals, [{ code: 'RefusedByCluster', message: why, details: { object: 'Pod' } }])
    const job = await driver.submit(program('true'))
    t.match(await untilWaiting(driver, job, 'RefusedByCluster'), { message: why })
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'RefusedByCluster', message: why })
  })

  show('a job waits while a MutatingAdmissionPolicy fails on its pod, and names the policy', async t => {
    if (process.env.KUBE_VERSION === '1.31.14') return t.pass('a server before 1.34 does not serve such policies')
    const { driver, cluster } = await ownNamespace(t)
    const policy = await brokenMutatingPolicy(t, cluster)
    await untilPodRefused(cluster)
    const why = new RegExp(`: the mutating policy ${policy.name} cannot be applied \\(Kubernetes: .*no such key: `)
    const { explanation } = await driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    t.match(explanation?.objects?.[1], { kind: 'Pod', verdict: { state: 'waits', message: why } })
    const job = await driver.submit(program('exit 5'))
    t.match(await untilWaiting(driver, job, 'RefusedByCluster'), { message: why })
    await policy.remove()
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 5 })
  })

  show('a job waits while the parameters of a policy forbid its pod, and runs once they allow it', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const policy = await freezePolicy(t, cluster)
    await untilPodRefused(cluster)
    const job = await driver.submit(program('exit 5'))
    const why = new RegExp(`for now: the policy ${policy.name} forbids it .*: no pods during the freeze\\)\\.$`)
    t.match(await untilWaiting(driver, job, 'RefusedByCluster'), { message: why })
    await policy.thaw()
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 5 })
  })

  show('a job whose Job a policy keeps paused says so, and runs once the policy is gone', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const policy = await noJobUpdates(t, cluster)
    const job = await driver.prepare(program('cat; exit 6', { stdin: 'in' }))
    const why = new RegExp(`: the policy ${policy.name} forbids it \\(Kubernetes: .*: Jobs stay as they are\\)\\.$`)
    await t.rejects(driver.start(job), { name: 'RetryableError', reason: 'RefusedByCluster', message: why })
    t.match(await driver.observe(job), { state: 'created' }, 'the core starts it again')
    await policy.remove()
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 6 })
    t.equal(String(await driver.read(job)), 'in')
  })

  show('a stop or kill that a policy refuses fails, changes nothing, and works once the policy is gone', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    const policy = await noJobUpdates(t, cluster)
    const why = new RegExp(
      `^The cluster \\S+ refuses this: the policy ${policy.name} forbids it \\(Kubernetes: .*: Jobs stay as they are`
    )
    for (const operation of ['stop', 'kill'] as const) {
      await t.rejects(driver.control(job, operation), { code: 'RefusedByCluster', message: why })
      // As the core does for an operation that the cluster refuses.
      delete job.intent
    }
    t.match(await driver.observe(job), { state: 'running' })
    await policy.remove()
    await driver.control(job, 'kill')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'KilledOnRequest' })
  })

  show('without the right to patch Jobs, a stop and a start with stdin name that right', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await withoutRight(cluster, 'jobs', 'patch')
    const why = /^The launcher has no right to patch jobs in the namespace \S+; job-launcher doctor shows what is /
    const waiting = await driver.prepare(program('cat', { stdin: 'in' }))
    let failure: unknown
    // The authorizer gets the Role through a watch of its own.
    while ((failure = await driver.start(waiting).catch((error: unknown) => error)) === undefined) {
      await driver.untilEnded(waiting)
      Object.assign(waiting, await driver.prepare(program('cat', { stdin: 'in' })))
    }
    t.match(failure, { name: 'RetryableError', reason: 'RefusedByCluster', message: why })
    await t.rejects(driver.control(job, 'stop'), { code: 'RefusedByCluster', message: why })
  })

  show('a webhook that denies the pod lets the job wait, and run once it allows the pod', async t => {
    const { driver, cluster } = await ownNamespace(t)
    const webhook = await denyWebhook(t, cluster, 'not on Sundays')
    const why = new RegExp(`: the admission webhook ${webhook.name} denies it \\(Kubernetes: .*: not on Sundays\\)\\.`)
    const decision = await driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    t.match(decision.refusals, [{ code: 'RefusedByCluster', message: why }])
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
    await withoutRight(cluster, 'pods', 'create')
    const explain = () => driver.plugin.decide(program('true'), { user: 'ada', groups: [] }, { explain: true })
    let decision = await explain()
    // The authorizer gets the Role through a watch of its own.
    while (states(decision.explanation?.objects)[1] === 'Pod accepted') decision = await explain()
    t.strictSame(states(decision.explanation?.objects), ['Job accepted', 'Pod unknown'])
    t.match(decision.explanation?.objects?.[1]?.verdict.message, /^The launcher has no right to create pods .*doctor/)
    t.ok(decision.admitted, 'the job is admitted all the same')
  })
})

function states (objects: readonly ExplainedObject[] = []): string[] {
  return objects.map(({ kind, verdict }) => `${kind} ${verdict.state}`)
}
