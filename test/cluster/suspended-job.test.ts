// Jobs whose Job another client suspends before their pod has a node, on a real cluster. The plugin acts as a user with
// exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { Job, JobSubmission } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { program } from './busybox.ts'
import { makeClaim } from './claim.ts'
import { noCluster } from './cluster.ts'
import { mutateWebhook } from './mutate-webhook.ts'
import { driverOn, ownNamespace, podsOf } from './plugin-driver.ts'
import { canceled, untilWaiting } from './waiting.ts'

/** A job that no node can run until a claim of this name exists. */
function withClaim (claimName: string): JobSubmission {
  return program('echo ran; exit 4', {
    mounts: [{ type: 'persistentVolumeClaim', source: { claimName }, mountPath: '/claim' }]
  })
}

t.test('suspended Jobs on a real cluster', { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 4
  const { cluster, kubeconfig, driver } = await ownNamespace(t)
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 120_000 }, work)

  async function suspend ({ id }: Job, suspend: boolean, { namespace, client } = cluster): Promise<void> {
    await client.call({
      method: 'PATCH',
      path: `/apis/batch/v1/namespaces/${namespace}/jobs/${objectName(id)}`,
      query: { fieldManager: 'kubectl-patch' },
      contentType: 'application/merge-patch+json',
      body: { spec: { suspend } }
    })
  }

  /** A job whose Job is suspended while its pod waits for a node. */
  async function suspended (claimName: string): Promise<Job> {
    const job = await driver.submit(withClaim(claimName))
    await untilWaiting(driver, job, 'VolumeNotReady')
    await suspend(job, true)
    return job
  }

  show('a job whose waiting pod is deleted by a suspension waits, and runs once it is resumed', async t => {
    const { namespace } = cluster
    const job = await suspended('late')
    const seen = await untilWaiting(driver, job, 'SuspendedByOther')
    t.equal(
      seen.message,
      'Another client (kubectl-patch) suspended the job in the cluster (spec.suspend of its Job). It runs once a ' +
        `queue controller or the operator resumes it, for example with kubectl -n ${namespace} patch job ` +
        `${objectName(job.id)} -p '{"spec":{"suspend":false}}'.`
    )
    while ((await podsOf(cluster, job)).length > 0);
    t.match(await driver.observe(job), { state: 'pending', reason: 'SuspendedByOther' })
    await makeClaim(t, cluster, 'late', t.testdir())
    await suspend(job, false)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
    t.equal(String(await driver.read(job)), 'ran\n')
  })

  show('the next launcher shows why a suspended job waits, and it can be canceled', async t => {
    const job = await suspended('missing')
    await untilWaiting(driver, job, 'SuspendedByOther')
    const next = await driverOn(t, cluster, kubeconfig)
    await untilWaiting(next, job, 'SuspendedByOther')
    await canceled(t, next, job)
  })

  show('a Job that is suspended as it is created runs its program once it is resumed', async t => {
    const { cluster, driver } = await ownNamespace(t)
    await mutateWebhook(t, cluster, 'jobs', [{ op: 'add', path: '/spec/suspend', value: true }])
    const job = await driver.submit(program('echo ran; exit 4', { stdin: 'a Secret, so the Job is created paused' }))
    await untilWaiting(driver, job, 'SuspendedByOther', /^Another client suspended the job in the cluster/)
    t.same(await podsOf(cluster, job), [])
    await suspend(job, false, cluster)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
  })

  show('a job whose pod a webhook gives scheduling gates names them, and runs once they are removed', async t => {
    const { cluster, driver } = await ownNamespace(t)
    const gates = [{ name: 'example.com/quota' }, { name: 'example.com/team' }]
    await mutateWebhook(t, cluster, 'pods', [{ op: 'add', path: '/spec/schedulingGates', value: gates }])
    const job = await driver.submit(program('echo ran; exit 4'))
    const why = /\(spec\.schedulingGates: example\.com\/quota, example\.com\/team\)/
    await untilWaiting(driver, job, 'SuspendedByOther', why)
    const [pod] = await podsOf(cluster, job)
    await cluster.client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${cluster.namespace}/pods/${pod!.metadata.name}`,
      contentType: 'application/merge-patch+json',
      body: { spec: { schedulingGates: null } }
    })
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
  })

  show('a job whose base Job has scheduling gates says that the base Job holds it', async t => {
    const spec = { schedulingGates: [{ name: 'example.com/gate' }] }
    const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('true'))
    const why = /^A base Job, an override or a webhook that changed the Job holds .* example\.com\/gate\)\. The/
    await untilWaiting(driver, job, 'SuspendedByOther', why)
    await canceled(t, driver, job)
  })

  show('the start timeout counts while a job is suspended, and keeps the reason', async t => {
    const { cluster, driver } = await ownNamespace(t, { 'start-deadline-seconds': 6 })
    const job = await driver.submit(withClaim('missing'))
    await suspend(job, true, cluster)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'StartTimeout',
      message: /^The job did not start within 6 s after the cluster accepted it\. Another client \(kubectl-patch\) /
    })
  })
})
