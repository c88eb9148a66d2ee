// Failures under running jobs, on a real cluster: no job is lost, none is started twice, every outcome is right, and
// all output is complete.

import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { isLauncherError } from '../../launcher/errors.ts'
import type { ClientJob } from '../../launcher/client/client.ts'
import { kill, start, type Place } from '../e2e/launcher-process.ts'
import { readyNode } from '../fixtures/hollow-node.ts'
import { outputOf } from '../fixtures/output-of.ts'
import { breaking, noBreaking, testCluster, type TestCluster } from './cluster.ts'
import { numberedLines, programOf, runsOn, type Runs } from './numbered-lines.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const MANY = 50
/** A second node. Only with one does a cluster that loses a node evict the pods of that node. */
const OTHER_NODE = 'hollow'

async function launcherOn (t: Test) {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
  const runs = runsOn(t)
  let launcher = await start(t, here)
  let submitted = 0

  async function restart (): Promise<void> {
    await kill(launcher)
    launcher = await start(t, here)
  }

  /** Repeats the submission until the launcher, or its successor, has replied. */
  async function submitSurely (n: number, waits: boolean): Promise<string> {
    for (;;) {
      try {
        return (await here.client.submit(programOf(n, runs, waits), { idempotencyKey: `key-${n}` })).id
      } catch (error) {
        if (!isLauncherError(error, 'LauncherUnreachable')) throw error
        await delay(20)
      }
    }
  }

  return {
    cluster,
    here,
    runs,
    restart,
    /** Resolves with the ids, in the order of their numbers, which continue from call to call. */
    submit (count: number, waits = true): Promise<string[]> {
      const first = submitted
      submitted += count
      return Promise.all(Array.from({ length: count }, (_, i) => submitSurely(first + i, waits)))
    }
  }
}

async function untilRunning ({ client }: Place, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map(async id => {
    for await (const { status, message } of client.events({ id })) {
      if (status === 'Running') return
      if (status !== 'Pending') throw new Error(`job ${id} is ${status}: ${message}`)
    }
  }))
}

/**
 * Checks that every job of the launcher ran once, ended with its own exit code, and has its whole output. `ids` are in
 * the order of their numbers.
 */
async function checkJobs (t: Test, here: Place, runs: Runs, ids: readonly string[]): Promise<void> {
  const jobs = await Promise.all(ids.map(id => here.client.ended(id)))
  t.strictSame(jobs.map(outcomeText), ids.map((_, n) => `Finished Exited ${n % 7}`), 'every outcome is correct')
  t.strictSame(runs.counts(ids), ids.map(() => 1), 'none was started twice')
  const outputs = await Promise.all(ids.map(id => outputOf(here.client, id)))
  t.strictSame(
    outputs.map((output, n) => (output === numberedLines(n) ? 'whole' : output)),
    ids.map(() => 'whole'),
    'all output exists, once'
  )
  const listed = []
  for await (const { id } of here.client.list()) listed.push(id)
  t.strictSame(listed.sort(), [...ids].sort(), 'no job was lost and none was added')
}

interface Node {
  readonly metadata: { readonly name: string }
  readonly status: { readonly conditions: ReadonlyArray<{ type: string, status: string }> }
}

/** Resolves when every real node is ready, or none is. */
async function nodeReady ({ client }: TestCluster, wanted: boolean): Promise<void> {
  for (;;) {
    const { items } = await client.call<{ items: Node[] }>({ method: 'GET', path: '/api/v1/nodes' })
    const real = items.filter(({ metadata }) => metadata.name !== OTHER_NODE)
    if (
      real.every(
        ({ status }) => status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') === wanted
      )
    ) { return }
    await delay(500)
  }
}

function outcomeText ({ status, reason, exitCode, message }: ClientJob): string {
  return reason === 'Exited' ? `${status} ${reason} ${exitCode}` : `${status} ${reason} ${message}`
}

t.test('faults of a real cluster', { skip: noBreaking, timeout: 1_500_000 }, async t => {
  await t.test(
    `${MANY} running jobs survive the loss of the API server, etcd, the watch history and the launcher`,
    async t => {
      const { cluster, here, runs, submit, restart } = await launcherOn(t)
      const { kill, start, compact, answers } = breaking(t, cluster)
      const ids = await submit(MANY)
      await untilRunning(here, ids)
      const followed = Promise.allSettled(ids.slice(0, 5).map(id => outputOf(here.client, id, { follow: true })))

      await compact()
      await kill('apiserver')
      await start('apiserver')
      await answers()
      await kill('etcd')
      await start('etcd')
      await answers()
      await compact()
      await restart()
      await compact()
      // Cuts a burst: some Jobs were created, the outcome of some is unknown, and some were not requested yet.
      const burst = submit(20, false)
      await kill('apiserver')
      await restart()
      t.match(await here.client.readiness(), { ready: false }, 'the launcher starts without the API server')
      ids.push(...(await burst))
      // The programs end while the API server is away.
      runs.go()
      await start('apiserver')
      await answers()
      await restart()
      await checkJobs(t, here, runs, ids)
      for (const [n, follower] of (await followed).entries()) {
        t.match(follower, { status: 'fulfilled', value: numberedLines(n) }, 'a follower saw every line once')
      }
    }
  )

  await t.test('jobs of an unreachable node get their outcomes when it returns', async t => {
    const { cluster, here, runs, submit, restart } = await launcherOn(t)
    const { stop, start } = breaking(t, cluster)
    const ids = await submit(10)
    await untilRunning(here, ids)
    await stop('kubelet')
    await nodeReady(cluster, false)
    await restart()
    for (const id of ids) {
      t.match(await here.client.get(id), { status: 'Running' }, 'no job fails while its node is unreachable')
    }
    runs.go()
    await start('kubelet')
    await nodeReady(cluster, true)
    await checkJobs(t, here, runs, ids)
  })

  await t.test(
    'jobs of a lost node fail when another node remains, and do not run again when the lost node returns',
    async t => {
      const { cluster, here, runs, submit, restart } = await launcherOn(t)
      const { stop, start } = breaking(t, cluster)
      const ids = await submit(5)
      await untilRunning(here, ids)
      t.teardown(
        await readyNode({ client: cluster.client, name: OTHER_NODE, taints: [{ key: 'hollow', effect: 'NoSchedule' }] })
      )
      await stop('kubelet')
      await nodeReady(cluster, false)
      await restart()
      const jobs = await Promise.all(ids.map(id => here.client.ended(id)))
      t.strictSame(
        jobs.map(({ status, reason }) => `${status} ${reason}`),
        ids.map(() => 'Failed NodeLost')
      )
      await start('kubelet')
      await nodeReady(cluster, true)
      runs.go()
      // None of their pods remains, and none is replaced.
      const pods = `/api/v1/namespaces/${cluster.namespace}/pods`
      while ((await cluster.client.call<{ items: unknown[] }>({ method: 'GET', path: pods })).items.length > 0) {
        await delay(500)
      }
      t.strictSame(
        runs.counts(ids),
        ids.map(() => 1)
      )
      for (const [n, id] of ids.entries()) {
        t.match(await here.client.get(id), { status: 'Failed', reason: 'NodeLost' }, 'the outcome does not change')
        t.ok(numberedLines(n).startsWith(await outputOf(here.client, id)), 'the output collected before is kept')
      }
    }
  )
})
