// Jobs for a node that does not exist, of a launcher that may list the nodes, on a real cluster.

import t from 'tap'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { mayListNodes } from './may-list-nodes.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'
import { canceled, untilWaiting } from './waiting.ts'

/** How long a cancel waits for a node that may exist. */
const NODE_MS = 10_000

t.test('a job for a node that does not exist says so, and its cancel does not wait', { skip: noCluster }, async t => {
  const { cluster, kubeconfig, driver } = await ownNamespace(t)
  await mayListNodes(t, cluster, kubeconfig)
  const job = await driver.submit(program('true', { host: 'no-such-node' }))
  const why = /^The node no-such-node, which the job names as its host, does not exist; the cluster ends the job in /
  t.ok(await untilWaiting(driver, job, 'HostNotFound', why))
  const canceledAt = performance.now()
  await canceled(t, driver, job)
  t.ok(performance.now() - canceledAt < NODE_MS, 'the cancel does not wait for the node')
  while ((await podsOf(cluster, job)).length > 0);
})

t.test('a job whose base Job names a node that does not exist says so until its end', { skip: noCluster }, async t => {
  const folder = t.testdir({
    'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {nodeName: ghost-node}}}\n'
  })
  const { cluster, kubeconfig, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
  const job = await driver.submit(program('true'))
  const node = '^The node ghost-node, which a base Job, an override or a webhook names \\(spec\\.nodeName of ' +
    'the pod\\),'
  await untilWaiting(driver, job, 'HostNotReady', new RegExp(`${node} has not accepted the job; `))
  await mayListNodes(t, cluster, kubeconfig)
  t.match((await driver.untilEnded(job)).outcome, {
    status: 'Failed',
    reason: 'HostNotFound',
    message: new RegExp(`${node} does not exist \\(Kubernetes: PodGC: node no longer exists\\)\\.$`)
  })
})
