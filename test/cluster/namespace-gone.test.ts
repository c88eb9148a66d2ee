// The promises of docs/guide/when-resources-run-out.md about a deleted namespace of the jobs, on a real cluster.

import t, { type Test } from 'tap'
import { isNotFound } from '../../plugins/kubernetes/client/errors.ts'
import { kill, place, start, untilReady } from '../e2e/launcher-process.ts'
import { noCluster, testCluster, type TestCluster } from './cluster.ts'
import { numberedLines, programOf, runsOn } from './numbered-lines.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const RUNNING = 3
/** Before 1.33, a server deletes the Roles of a namespace with or before its pods, in any order. */
const DELETES_IN_ANY_ORDER = process.env.KUBE_VERSION === '1.31.14'

async function untilGone ({ client, namespace }: TestCluster): Promise<void> {
  for (;;) {
    try {
      await client.call({ method: 'GET', path: `/api/v1/namespaces/${namespace}` })
    } catch (error) {
      if (isNotFound(error)) return
      throw error
    }
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

/**
 * Deletes the namespace under running jobs. `rights` grants the launcher its rights, and again after the namespace is
 * recreated; it resolves with the launcher's kubeconfig. `seesDeletion`: the launcher keeps its rights until it has
 * seen what was deleted.
 */
async function deleteAndRecreate (
  t: Test, seesDeletion: boolean, rights: (t: Test, cluster: TestCluster) => Promise<string>
): Promise<void> {
  const cluster = await testCluster(t)
  const { client: kube, namespace } = cluster
  const here = placeOn(t, cluster, await rights(t, cluster), { Local: 'false' })
  const { client } = here
  const runs = runsOn(t)
  const running = await start(t, here)
  await untilReady(client, true)
  const ids = await Promise.all(
    Array.from({ length: RUNNING }, async (_, n) => (await client.submit(programOf(n, runs, true))).id)
  )
  for (const id of ids) for await (const { status } of client.events({ id })) if (status === 'Running') break
  const waiting = await client.submit({
    ...programOf(0),
    name: 'waits for a node',
    resourceLimits: [{ type: 'cpuCount', value: 500 }]
  })
  for await (const { reason } of client.events({ id: waiting.id })) if (reason === 'Unschedulable') break

  await kube.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
  if (seesDeletion) {
    for (const id of ids) {
      t.match(await client.ended(id), {
        status: 'Failed',
        reason: 'DeletedExternally',
        message: /^Another user or controller deleted the job .* not run again; its namespace \S+ was deleted\.$/
      })
    }
    t.match(await client.ended(waiting.id), { reason: 'DeletedExternally', message: /before its program started/ })
  }
  const late = await client.submit(programOf(1, runs))
  t.match(await untilReady(client, false), new RegExp(`amespace "?${namespace}[" ]`), 'readiness names the namespace')
  await untilGone(cluster)
  t.match(await client.readiness(), { ready: false })
  t.match(await client.get(late.id), {
    status: 'Pending',
    // The server may have deleted the rights first, and then tells the launcher of nothing else.
    reason: seesDeletion ? 'NamespaceNotFound' : /^(NamespaceNotFound|RefusedByCluster)$/,
    message: /^The start failed and will be retried: .*namespace/
  })

  await kube.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  await rights(t, cluster)
  t.match(await client.ended(late.id), { status: 'Finished', exitCode: 1 }, 'a waiting job runs in the new one')
  for (const id of [...ids, waiting.id]) {
    t.match(await client.ended(id), { status: 'Failed', reason: /^(DeletedExternally|Lost)$/ }, 'each job has ended')
  }
  await untilReady(client, true)
  t.strictSame(runs.counts([...ids, late.id]), [...ids, late.id].map(() => 1), 'no program was started twice')
  for (const [n, id] of ids.entries()) {
    if (seesDeletion) {
      t.match(await client.get(id), { status: 'Failed', reason: 'DeletedExternally' }, 'the outcome does not change')
    }
    const pieces = []
    for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
    t.ok(
      numberedLines(n).startsWith(Buffer.concat(pieces).toString()) && pieces.length > 0,
      'the output collected before is kept'
    )
  }
  t.equal(running.child.exitCode, null, 'the launcher did not exit')
}

t.test('deleting the namespace under running jobs', { skip: noCluster, timeout: 300_000 }, async t => {
  await t.test('the deletion ends each job once, shows in readiness, and the recreated namespace is used again', t =>
    deleteAndRecreate(t, !DELETES_IN_ANY_ORDER, onlyTheRole)
  )

  // Watches and lists of such a launcher continue without an error.
  await t.test('a launcher with the right to see all namespaces notices the deletion', t =>
    deleteAndRecreate(t, true, async (_t, { kubeconfig }) => kubeconfig)
  )
})

t.test('a launcher that requires its cluster does not start without the namespace', { skip: noCluster }, async t => {
  const { kubeconfig, namespace } = await testCluster(t)
  const here = place(t, {
    Kubernetes: 'true',
    Kubeconfig: kubeconfig,
    KubernetesNamespace: `not-${namespace}`,
    KubernetesRequired: 'true'
  })
  const failure = await start(t, here).then(
    () => undefined,
    error => error
  )
  t.match(failure, {
    exit: [69, null],
    ready: { event: 'failed', code: 'ClusterUnavailable', message: `Namespace not-${namespace} does not exist` }
  })
})

t.test('a waiting job whose namespace took the rights of an absent launcher says so', { skip: noCluster }, async t => {
  const cluster = await testCluster(t)
  const { client: kube, namespace } = cluster
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
  const { client } = here
  const first = await start(t, here)
  const { id } = await client.submit({
    ...programOf(0), name: 'waits for a node', resourceLimits: [{ type: 'cpuCount', value: 500 }]
  })
  for await (const { reason } of client.events({ id })) if (reason === 'Unschedulable') break
  await kill(first)
  await kube.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
  await untilGone(cluster)
  await start(t, here)
  for await (const { reason, message = '' } of client.events({ id })) {
    if (reason !== 'RefusedByCluster') continue
    t.match(message, new RegExp('^The launcher does not see the job now\\. The launcher has no right to list \\w+ ' +
      `in the namespace ${namespace}; .* \\(Kubernetes: .*\\)\\. If the namespace was deleted, `))
    break
  }
  await kube.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  await onlyTheRole(t, cluster)
  t.match(await client.ended(id), { status: 'Failed', reason: /^(DeletedExternally|Lost)$/ }, 'it ends with its rights')
})
