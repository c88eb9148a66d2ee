// Why jobs end whose pod is deleted on a real cluster: each cause has its own reason. The plugin acts as a user with
// exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { Job, JobSubmission } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import type { Driver } from '../conformance/driver.ts'
import { UNTIL_KILLED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'

const AT_ONCE = 6

interface Pod {
  readonly metadata: { name: string, labels: object, ownerReferences: object[], finalizers: string[] }
  readonly spec: object
}

async function running (driver: Driver, changes: Partial<JobSubmission> = {}): Promise<Job> {
  const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 1, ...changes }))
  await driver.untilWritten(job, 'ready')
  await driver.until(job, 'running')
  return job
}

t.test('deletions on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = AT_ONCE
  const { cluster, driver } = await ownNamespace(t)
  const { client, namespace } = cluster
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const pods = `/api/v1/namespaces/${namespace}/pods`

  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)
  const patch = (path: string, fieldManager: string, body: object) =>
    client.call({ method: 'PATCH', path, query: { fieldManager }, contentType: 'application/merge-patch+json', body })

  show('the activeDeadlineSeconds of a base Job ends its job with DeadlineExceeded', async t => {
    const folder = t.testdir({ 'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {activeDeadlineSeconds: 8}\n' })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await running(driver)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeadlineExceeded',
      message: /longer than the activeDeadlineSeconds of 8 s of its base manifest/
    })
  })

  show('the activeDeadlineSeconds of the pod of a base Job ends its job with DeadlineExceeded', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {activeDeadlineSeconds: 8}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await running(driver)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'DeadlineExceeded' })
  })

  show('a host that does not exist ends its job with HostNotFound', async t => {
    const job = await driver.submit(program('true', { host: 'no-such-node' }))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'HostNotFound',
      message: 'The node no-such-node, which the job names as its host, does not exist (Kubernetes: PodGC: node no ' +
        'longer exists).'
    })
  })

  for (const [how, owned] of [['with its owner', true], ['without its owner', false]] as const) {
    show(`a pod that is copied ${how} ends its job with PodCopied`, async t => {
      const job = await running(driver)
      const [pod] = await podsOf<Pod>(cluster, job)
      const { metadata: { name, labels, ownerReferences, finalizers }, spec } = pod!
      const metadata = { name: `${name}-copy`, labels, ...(owned && { ownerReferences, finalizers }) }
      const query = { fieldManager: 'kubectl-create' }
      await client.call({ method: 'POST', path: pods, query, body: { metadata, spec } })
      t.match((await driver.untilEnded(job)).outcome, {
        status: 'Failed',
        reason: 'PodCopied',
        message: `Another client (kubectl-create) created the pod ${name}-copy as a second pod of the job, so the ` +
          'job was ended: its program must not run twice.'
      })
    })
  }

  show('an eviction ends its job with Evicted and the words of the cluster', async t => {
    const job = await running(driver)
    const [pod] = await podsOf(cluster, job)
    const { name } = pod!.metadata
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }
    await client.call({ method: 'POST', path: `${pods}/${name}/eviction`, body })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'Evicted',
      message: /\(Kubernetes: EvictionByEvictionAPI: /
    })
  })

  show('a Job that a client suspends ends its job with DeletedExternally, and names the client', async t => {
    const job = await running(driver)
    await patch(`${jobs}/${objectName(job.id)}`, 'kubectl-patch', { spec: { suspend: true } })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /it is not run again; kubectl-patch suspended its Job\.$/
    })
  })

  show('a Job that a client scales to 0 ends its job with DeletedExternally, and names the client', async t => {
    const job = await running(driver)
    await patch(`${jobs}/${objectName(job.id)}`, 'kubectl-edit', { spec: { parallelism: 0 } })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /it is not run again; kubectl-edit changed its Job before\.$/
    })
  })

  show('a pod that a client labels and deletes ends its job with DeletedExternally, and names the client', async t => {
    const job = await running(driver)
    const [pod] = await podsOf(cluster, job)
    await patch(`${pods}/${pod!.metadata.name}`, 'kubectl-label', { metadata: { labels: { doomed: 'yes' } } })
    await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}` })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /it is not run again; kubectl-label changed its pod before\.$/
    })
  })
})
