// Quotas that count only some pods (scopes of a ResourceQuota) on a real cluster. The plugin acts as a user with
// exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { ExplainedObject, JobSubmission } from '../../launcher/plugin.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster, type TestCluster } from './cluster.ts'
import { ownNamespace } from './plugin-driver.ts'
import { canceled, untilWaiting } from './waiting.ts'

const SUBJECT = { user: 'ada', groups: [] }
const WITH_CPU: Partial<JobSubmission> = { resourceLimits: [{ type: 'cpuRequest', value: 0.1 }] }
const withMemory = (value: number): Partial<JobSubmission> => ({ resourceLimits: [{ type: 'memory', value }] })

/** Resolves when the quota controller counts with the quota, and the API server has seen that. */
async function quota ({ client, namespace }: TestCluster, name: string, spec: object): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`
  await client.call({ method: 'POST', path, body: { metadata: { name }, spec } })
  for (;;) {
    const { status } = await client.call<{ status?: { used?: object } }>({ method: 'GET', path: `${path}/${name}` })
    if (status?.used !== undefined) return
  }
}

function podVerdict (objects: readonly ExplainedObject[] = []): ExplainedObject['verdict'] | undefined {
  return objects.find(({ kind }) => kind === 'Pod')?.verdict
}

t.test('quotas with scopes on a real cluster', { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 3
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  show('a quota of BestEffort pods holds a job without requests, and not one that requests CPU', async t => {
    const { cluster, driver } = await ownNamespace(t)
    await quota(cluster, 'best', { hard: { pods: '0' }, scopes: ['BestEffort'] })
    const explain = async (submission: JobSubmission) => {
      const { explanation, refusals } = await driver.plugin.decide(submission, SUBJECT, { explain: true })
      t.strictSame(refusals, [])
      return podVerdict(explanation?.objects)
    }
    const message = /^The quota best of the namespace test-\w+ is too small for the job, which needs pods=1, and the /
    t.match(await explain(program('true')), { state: 'waits', message })
    t.match(await explain(program('true', WITH_CPU)), { state: 'accepted' })
    const held = await driver.submit(program('true'))
    const seen = await untilWaiting(driver, held, 'QuotaExceeded', message)
    t.match(seen.message, /allows pods=0; the job cannot start until the operator raises the quota \(Kubernetes: /)
    const counted = await driver.submit(program('exit 3', WITH_CPU))
    t.match((await driver.untilEnded(counted)).outcome, { status: 'Finished', exitCode: 3 })
    await canceled(t, driver, held)
  })

  show('a quota of NotTerminating pods refuses a job without a limit, and holds one beyond it', async t => {
    const { cluster, driver } = await ownNamespace(t)
    await quota(cluster, 'long', { hard: { 'limits.memory': '64Mi' }, scopes: ['NotTerminating'] })
    const why =
      /: the quota long of the namespace test-\w+ requires a value for limits\.memory \(Kubernetes: .*must specify limits\.memory for: /
    const decision = await driver.plugin.decide(program('true'), SUBJECT, { explain: true })
    t.match(decision.refusals, [{ code: 'RefusedByCluster', message: why }])
    t.match(podVerdict(decision.explanation?.objects), { state: 'refused' })
    const refused = await driver.submit(program('true'))
    t.match((await driver.untilEnded(refused)).outcome, { status: 'Failed', reason: 'RefusedByCluster', message: why })
    const held = await driver.submit(program('true', withMemory(128)))
    const long = /^The quota long of the namespace test-\w+ is too small for /
    const seen = await untilWaiting(driver, held, 'QuotaExceeded', long)
    t.match(seen.message, /needs limits\.memory=128M, and the quota allows limits\.memory=64Mi; the job cannot start /)
    const fits = await driver.submit(program('exit 3', withMemory(32)))
    t.match((await driver.untilEnded(fits)).outcome, { status: 'Finished', exitCode: 3 })
    await canceled(t, driver, held)
  })

  show('a quota of NotTerminating pods does not count a job whose pods have a deadline', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {activeDeadlineSeconds: 600}}}\n'
    })
    const { cluster, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    await quota(cluster, 'long', { hard: { pods: '0' }, scopes: ['NotTerminating'] })
    const job = await driver.submit(program('exit 3'))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 3 })
  })

  show('a quota of a priority class holds a job until another of that class has ended', async t => {
    const name = `test-${process.pid}-${Date.now()}`
    const folder = t.testdir({
      'base.yaml': `apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {priorityClassName: ${name}}}}\n`
    })
    const { cluster, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
    // Priority 0 preempts no other pod.
    await cluster.client.call({ method: 'POST', path: classes, body: { metadata: { name }, value: 0 } })
    t.teardown(() => cluster.client.call({ method: 'DELETE', path: `${classes}/${name}` }))
    const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: [name] }]
    await quota(cluster, 'few', { hard: { pods: '1' }, scopeSelector: { matchExpressions } })
    const first = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(first, 'ready')
    const decision = await driver.plugin.decide(program('true'), SUBJECT, { explain: true })
    const verdict = { state: 'waits', message: /the job starts when others have ended/ }
    t.match(podVerdict(decision.explanation?.objects), verdict)
    const second = await driver.submit(program('exit 3'))
    await untilWaiting(
      driver,
      second,
      'QuotaExceeded',
      /^The namespace test-\w+ has used up its quota \(few\); the job starts when others have ended \(Kubernetes: exceeded quota: few/
    )
    await driver.control(first, 'stop')
    await driver.untilEnded(first)
    t.match((await driver.untilEnded(second)).outcome, { status: 'Finished', exitCode: 3 })
  })
})
