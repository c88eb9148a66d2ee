// Jobs whose Job an admission webhook gives a podFailurePolicy or a successPolicy, on a real cluster. A base manifest
// cannot. The plugin acts as a user with exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import type { Driver } from '../conformance/driver.ts'
import { UNTIL_KILLED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster, type TestCluster } from './cluster.ts'
import { mutateWebhook } from './mutate-webhook.ts'
import { addRun, runsOn } from './numbered-lines.ts'
import { driverOn, ownNamespace, podsOf } from './plugin-driver.ts'

const ON_EXIT = { onExitCodes: { operator: 'In', values: [42] } }
const ON_DISRUPTION = { onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }
const ACTIONS = ['FailJob', 'Ignore', 'Count'] as const

interface Condition { readonly type: string, readonly status: string, readonly reason?: string }

t.test('failure and success policies on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = 4
  const runs = runsOn(t)
  const mounts = [runs.mount]
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  async function withPolicy (t: Test, ...fields: ReadonlyArray<readonly [field: string, value: unknown]>) {
    const own = await ownNamespace(t)
    const patch = fields.map(([field, value]) => ({ op: 'add', path: `/spec/${field}`, value }))
    await mutateWebhook(t, own.cluster, 'jobs', patch)
    return own
  }

  const jobOf = ({ client, namespace }: TestCluster, { id }: Job) =>
    client.call<{ spec: { parallelism: number }, status: { conditions?: Condition[] } }>({
      method: 'GET',
      path: `/apis/batch/v1/namespaces/${namespace}/jobs/${objectName(id)}`
    })
  const parallelismOf = async (cluster: TestCluster, job: Job) => (await jobOf(cluster, job)).spec.parallelism
  const conditionsOf = async (cluster: TestCluster, job: Job) =>
    ((await jobOf(cluster, job)).status.conditions ?? []).filter(condition => condition.status === 'True')

  async function running (driver: Driver): Promise<Job> {
    const job = await driver.submit(program(`${addRun}${UNTIL_KILLED}`, { mounts, stopGraceSeconds: 2 }))
    await driver.untilWritten(job, 'ready')
    await driver.until(job, 'running')
    return job
  }

  for (const action of ACTIONS) {
    show(`a program whose exit code has a rule with ${action} is Finished with that code, and runs once`, async t => {
      const { cluster, driver } = await withPolicy(t, ['podFailurePolicy', { rules: [{ action, ...ON_EXIT }] }])
      const job = await driver.submit(program(`${addRun}echo hi; exit 42`, { mounts }))
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 42 })
      t.equal(String(await driver.read(job)), 'hi\n')
      // The controller replaces a pod that it ignores after some seconds; the launcher then ends the Job.
      if (action === 'Ignore') while (await parallelismOf(cluster, job) !== 0);
      while ((await podsOf(cluster, job)).length > 1);
      t.strictSame(runs.counts([job.id]), [1])
    })

    show(`an eviction that has a rule with ${action} ends its job with Evicted, and no pod replaces it`, async t => {
      const { cluster, driver } = await withPolicy(t, ['podFailurePolicy', { rules: [{ action, ...ON_DISRUPTION }] }])
      const job = await running(driver)
      const [pod] = await podsOf(cluster, job)
      const { name } = pod!.metadata
      await cluster.client.call({
        method: 'POST',
        path: `/api/v1/namespaces/${cluster.namespace}/pods/${name}/eviction`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }
      })
      t.match((await driver.untilEnded(job)).outcome, {
        status: 'Failed',
        reason: 'Evicted',
        exitCode: 137,
        message: /\(Kubernetes: EvictionByEvictionAPI: /
      })
      while ((await podsOf(cluster, job)).length > 0);
      t.strictSame(runs.counts([job.id]), [1])
    })
  }

  show('a job that a rule failed and whose pod is gone ends with the words of the rule', async t => {
    const { cluster, driver, kubeconfig } = await withPolicy(
      t, ['podFailurePolicy', { rules: [{ action: 'FailJob', ...ON_EXIT }] }]
    )
    const job = await driver.submit(program(`${addRun}sleep 3; exit 42`, { mounts }))
    await driver.until(job, 'running')
    await driver.close()
    while (!(await conditionsOf(cluster, job)).some(({ type }) => type === 'Failed'));
    for (const { metadata: { name } } of await podsOf(cluster, job)) {
      await cluster.client.call({
        method: 'DELETE',
        path: `/api/v1/namespaces/${cluster.namespace}/pods/${name}`,
        query: { gracePeriodSeconds: 0 }
      })
    }
    while ((await podsOf(cluster, job)).length > 0);
    const later = await driverOn(t, cluster, kubeconfig)
    t.match((await later.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'Lost',
      message: new RegExp(
        '^A rule of the podFailurePolicy of its Job failed the job; its pod was gone before its exit code could be ' +
        'read \\(Kubernetes: Container content for pod \\S+ failed with exit code 42 matching FailJob rule at index 0' +
        '\\)\\.$'
      )
    })
    t.strictSame(runs.counts([job.id]), [1])
  })

  show('a job whose Job has a successPolicy ends as its program does', async t => {
    const indexed = [
      ['completionMode', 'Indexed'], ['successPolicy', { rules: [{ succeededCount: 1 }] }]
    ] as const
    const { cluster, driver } = await withPolicy(t, ...indexed)
    for (const code of [0, 3]) {
      const job = await driver.submit(program(`${addRun}exit ${code}`, { mounts }))
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: code })
      const met = code === 0 ? 'SuccessCriteriaMet' : 'FailureTarget'
      while (!(await conditionsOf(cluster, job)).some(({ type }) => type === met));
      t.strictSame(runs.counts([job.id]), [1])
    }
  })
})
