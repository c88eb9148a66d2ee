// Jobs whose node the cluster loses or an operator takes out of service, on hollow nodes of a cluster of its own: the
// controllers are real, and the test reports what a kubelet would.

import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import { readyNode } from '../fixtures/hollow-node.ts'
import { temporaryFolder } from '../fixtures/temporary-store.ts'
import { program } from './busybox.ts'
import { noOwnCluster, ownCluster, type TestCluster } from './cluster.ts'
import { driverOn, podsOf } from './plugin-driver.ts'

const MERGE = 'application/merge-patch+json'
/** Nothing listens there. */
const UNREACHABLE = {
  addresses: [{ type: 'Hostname', address: 'localhost' }], daemonEndpoints: { kubeletEndpoint: { Port: 1 } }
}
const startedAt = new Date().toISOString().replace(/\.\d+/, '')

async function report (
  { client, namespace }: TestCluster, pod: string, phase: string, state: object
): Promise<void> {
  const container = { name: 'content', image: 'i', imageID: 'i', ready: phase === 'Running', restartCount: 0, state }
  await client.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/status`,
    contentType: MERGE,
    body: { status: { phase, containerStatuses: [container] } }
  })
}

t.test('lost nodes', { skip: noOwnCluster, timeout: 300_000 }, async t => {
  const cluster = await ownCluster(t)
  const { client, namespace, kubeconfig } = cluster
  t.teardown(await readyNode({ client, name: 'other' }))
  const driver = await driverOn(t, cluster, kubeconfig)

  async function runningOn (
    t: Test, host: string, renews: boolean, by = driver
  ): Promise<{ job: Job, pod: string }> {
    t.teardown(await readyNode({ client, name: host, renews, status: UNREACHABLE }))
    const job = await by.submit(program('true', { host, stopGraceSeconds: 2 }))
    let [pod] = await podsOf(cluster, job)
    while (pod === undefined) [pod] = await podsOf(cluster, job)
    await report(cluster, pod.metadata.name, 'Running', { running: { startedAt } })
    await by.until(job, 'running')
    return { job, pod: pod.metadata.name }
  }

  const words = '(Kubernetes: DeletionByTaintManager: Taint manager: deleting due to NoExecute taint)'
  const underWay = 'The cluster is ending the job because its node was lost or taken out of service ' +
    `${words}; it is not run again.`

  await t.test('a job of a node that does not answer ends with NodeLost, and is not run elsewhere', async t => {
    const { job, pod } = await runningOn(t, 'silent', false)
    const seen = await driver.untilSeen(job, seen => seen.state === 'running' && seen.message !== undefined)
    t.match(seen, { state: 'running', message: underWay })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'NodeLost',
      exitCode: undefined,
      message: 'The node silent does not answer; how the program ended is unknown.'
    })
    t.match(await podsOf(cluster, job), [{ metadata: { name: pod } }], 'no pod replaces it')
  })

  await t.test('all that a program wrote to the data is read after its node was lost', async t => {
    const data = await temporaryFolder(t)
    const byData = await driverOn(t, cluster, kubeconfig, { 'data-dir': data, output: 'data' })
    const { job } = await runningOn(t, 'silent-with-data', false, byData)
    const ofInstance = join(data, 'process-logs/c0ffee000000/Conformance')
    const folder = readdirSync(ofInstance).find(name => name.startsWith(job.id))!
    const text = `${'x'.repeat(100_000)}in the middle of a li`
    appendFileSync(join(ofInstance, folder, 'stdout'), text)
    const seen = await byData.untilEnded(job)
    t.match(seen.outcome, { status: 'Failed', reason: 'NodeLost' })
    t.equal(seen.outputTruncated, undefined)
    t.equal(String(await byData.read(job, { follow: true })), text)
  })

  await t.test('a job of a node that an operator taints (NoExecute) ends with NodeLost and its exit code', async t => {
    const { job, pod } = await runningOn(t, 'tainted', true)
    await client.call({
      method: 'PATCH',
      path: '/api/v1/nodes/tainted',
      contentType: MERGE,
      body: { spec: { taints: [{ key: 'repair', effect: 'NoExecute' }] } }
    })
    const seen = await driver.untilSeen(job, seen => seen.state === 'running' && seen.message !== undefined)
    t.match(seen, { state: 'running', message: underWay })
    const finishedAt = new Date().toISOString().replace(/\.\d+/, '')
    await report(cluster, pod, 'Failed', { terminated: { exitCode: 143, reason: 'Error', startedAt, finishedAt } })
    const query = { gracePeriodSeconds: 0 }
    await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods/${pod}`, query })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'NodeLost',
      exitCode: 143,
      message: `The node of the job was lost or taken out of service ${words}.`
    })
    while ((await podsOf(cluster, job)).length > 0);
  })
})
