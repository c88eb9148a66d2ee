// The real launcher on a real cluster: its promises to the host, and its requests to the API server.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { V1Pod } from '@kubernetes/client-node'
import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { kill, start, untilReady } from '../e2e/launcher-process.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { outputOf } from '../fixtures/output-of.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { noCluster, testCluster } from './cluster.ts'
import { addRun, numberedLines, programOf, runsOn } from './numbered-lines.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'
import type { Wire } from '../../plugins/kubernetes/client/wire.ts'

const container = { image: 'localhost/busybox:1' }
const MANY = 100
type WirePod = Wire<V1Pod>

async function untilStatus (client: LauncherClient, id: string, status: ClientJob['status']): Promise<ClientJob> {
  for await (const job of client.events({ id })) if (job.status === status) return job
  throw new Error(`job ${id} ended without having been ${status}: ${JSON.stringify(await client.get(id))}`)
}

async function untilWritten (client: LauncherClient, id: string, text: string): Promise<void> {
  let written = ''
  for await (const piece of client.output(id, { stream: 'stdout', follow: true })) {
    written += Buffer.from(piece).toString()
    if (written.includes(text)) return
  }
  throw new Error(`job ${id} ended without having written ${text}`)
}

t.test('the launcher on a real cluster', { skip: noCluster, timeout: 900_000 }, async t => {
  await t.test(
    `${MANY} jobs submitted at once end correctly, with one create each and reads independent of their number`,
    async t => {
      const cluster = await testCluster(t)
      const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
      const here = placeOn(t, cluster, proxy.kubeconfig)
      await start(t, here)
      await untilReady(here.client, true)
      const runs = runsOn(t)
      const before = performance.now()
      const jobs = await Promise.all(
        Array.from({ length: MANY }, (_, n) => here.client.submit({ ...programOf(n, runs), cluster: 'Kubernetes' }))
      )
      const submitted = performance.now()
      const ended = await Promise.all(jobs.map(({ id }) => here.client.ended(id)))
      const seconds = (performance.now() - before) / 1000
      t.comment(
        `submitted in ${Math.round(submitted - before)} ms, ended in ${Math.round(seconds)} s; requests ` +
        `${JSON.stringify(proxy.counts)}`
      )
      t.strictSame(
        ended.map(({ status, reason, exitCode }) => [status, reason, exitCode]),
        jobs.map((_, n) => ['Finished', 'Exited', n % 7])
      )
      const outputs = await Promise.all(jobs.map(({ id }) => outputOf(here.client, id)))
      t.strictSame(
        outputs.map((output, n) => (output === numberedLines(n) ? 'whole' : output.length)),
        jobs.map(() => 'whole')
      )
      t.strictSame(
        runs.counts(jobs.map(({ id }) => id)),
        jobs.map(() => 1),
        'each ran once'
      )

      const {
        'POST jobs': creates,
        'GET pods/NAME/log': logs,
        'LIST events': events = 0,
        'GET namespaces/NAME': levels = 0,
        ...others
      } = proxy.counts
      // One each, and another only if a slow API server left the outcome of one unknown.
      t.ok(creates! >= MANY && creates! <= MANY + 3, `${creates} creates`)
      t.ok(
        Object.values(others).every(count => count <= 3),
        JSON.stringify(others)
      )
      t.ok(levels <= 3 + seconds, `${levels} reads of the Pod Security level, at most one a second`)
      // The log of each job is read; more than once only if its node is slow to report the end of the container.
      t.ok(logs! >= MANY && logs! < 10 * MANY, `${logs} reads of output`)
      t.ok(events <= MANY / 2, `${events} lists of events`)
    }
  )

  await t.test(
    'while the API server is away the launcher runs local jobs, reports why it is not ready for others, and recovers',
    async t => {
      const cluster = await testCluster(t)
      const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
      const here = placeOn(t, cluster, proxy.kubeconfig)
      await proxy.leave()
      await start(t, here)
      const { client } = here
      const readiness = await client.readiness()
      t.match(readiness, {
        ready: false,
        clusters: [
          { name: 'Local', ready: true },
          {
            name: 'Kubernetes',
            ready: false,
            message:
              /^No contact with the cluster yet: .*ECONNREFUSED.*Run job-launcher doctor to find the cause\.$/
          }
        ]
      })
      const local = await client.submit({ name: 'local', cluster: 'Local', command: 'exit 3' })
      t.match(await client.ended(local.id), { status: 'Finished', exitCode: 3 })
      const waits = await client.submit({ name: 'waits', cluster: 'Kubernetes', command: UNTIL_STOPPED, container })
      t.match(await client.get(waits.id), { status: 'Pending' })

      await proxy.comeBack()
      await untilReady(client, true)
      await untilStatus(client, waits.id, 'Running')
      await untilWritten(client, waits.id, 'ready')

      await proxy.leave()
      const another = await client.submit({ name: 'local', cluster: 'Local', command: 'exit 4' })
      t.match(await client.ended(another.id), { status: 'Finished', exitCode: 4 }, 'local jobs continue')
      t.match(await client.get(waits.id), { status: 'Running' }, 'the job on the cluster does not fail')
      await untilReady(client, false)
      await proxy.comeBack()
      await untilReady(client, true)
      await client.control(waits.id, 'kill')
      t.match(await client.ended(waits.id), { status: 'Killed', reason: 'KilledOnRequest' })
      t.match(await outputOf(client, waits.id), /^ready\n(bye\n)?$/)
    })

  await t.test('a required cluster that is away makes the launcher exit with 69', async t => {
    const cluster = await testCluster(t)
    const proxy = await apiProxy(t, cluster.kubeconfig)
    await proxy.leave()
    const here = placeOn(t, cluster, proxy.kubeconfig, { KubernetesRequired: 'true' })
    const failure = await start(t, here).then(
      () => undefined,
      error => error
    )
    t.match(failure, {
      exit: [69, null],
      ready: {
        event: 'failed',
        code: 'ClusterUnavailable',
        message: /The cluster Kubernetes is required and cannot be used\. .*ECONNREFUSED/
      }
    })
  })

  await t.test(
    'a launcher that lost its database recovers its own jobs and leaves those of another instance alone',
    async t => {
      const cluster = await testCluster(t)
      const kubeconfig = await onlyTheRole(t, cluster)
      const here = placeOn(t, cluster, kubeconfig)
      const other = placeOn(t, cluster, kubeconfig)
      const first = await start(t, here)
      await start(t, other)
      const submission = {
        name: 'survivor',
        cluster: 'Kubernetes',
        command: UNTIL_STOPPED,
        container,
        tags: ['kept'],
        stopGraceSeconds: 60,
        secrets: [{ name: 'TOKEN', value: 'canary-4711' }]
      }
      const own = await here.client.submit(submission)
      const short = await here.client.submit({
        name: 'short',
        cluster: 'Kubernetes',
        command: 'echo done; exit 5',
        container
      })
      const foreign = await other.client.submit(submission)
      await Promise.all([
        untilWritten(here.client, own.id, 'ready'),
        untilWritten(other.client, foreign.id, 'ready'),
        here.client.ended(short.id)
      ])
      await untilStatus(here.client, own.id, 'Running')
      await kill(first)
      for (const suffix of ['', '-wal', '-shm']) rmSync(join(here.scratchPath, `jobs.db${suffix}`), { force: true })
      await start(t, here)
      const unreported = new Set([own.id, short.id])
      for await (const { id, status } of here.client.events()) {
        if (id !== own.id || status === 'Running') unreported.delete(id)
        if (unreported.size === 0) break
      }
      const recovered = await here.client.get(own.id)
      t.match(recovered, { name: 'survivor', status: 'Running', tags: ['kept'] })
      t.notMatch(JSON.stringify(recovered), 'canary-4711')
      t.match(
        await here.client.ended(short.id),
        { status: 'Finished', reason: 'Exited', exitCode: 5 },
        'a job that had ended has the same outcome'
      )
      const known = []
      for await (const { id } of here.client.list()) known.push(id)
      t.strictSame(known.sort(), [own.id, short.id].sort())
      await here.client.control(own.id, 'stop')
      t.match(await here.client.ended(own.id), { status: 'Finished', reason: 'Stopped' })
      t.equal(await outputOf(here.client, own.id), 'ready\nbye\n')
      t.equal(await outputOf(here.client, short.id), 'done\n')
      await here.client.remove(own.id)
      t.match(await other.client.get(foreign.id), { status: 'Running' })
      await other.client.control(foreign.id, 'kill')
      await other.client.ended(foreign.id)
    }
  )

  await t.test(
    'a pod deleted while no launcher runs ends its job, whose program ran once',
    { timeout: 180_000 },
    async t => {
      const cluster = await testCluster(t)
      const { client: kube, namespace } = cluster
      const here = placeOn(t, cluster, await onlyTheRole(t, cluster))
      const runs = runsOn(t)
      const first = await start(t, here)
      const job = (command: string) =>
        here.client.submit({ name: 'lost', cluster: 'Kubernetes', command, container, mounts: [runs.mount] })
      const jobs = await Promise.all([
        job(`${addRun}${UNTIL_STOPPED}`),
        job(`${addRun}trap '' TERM; while :; do sleep 0.1; done`)
      ])
      for (const { id } of jobs) await untilStatus(here.client, id, 'Running')
      await kill(first)

      const path = `/api/v1/namespaces/${namespace}/pods`
      const podsOf = async (id: string) =>
        (
          await kube.call<{ items: WirePod[] }>({
            method: 'GET',
            path,
            query: { labelSelector: `job-name=${objectName(id)}` }
          })
        ).items
      for (const [index, { id }] of jobs.entries()) {
        const [pod] = await podsOf(id)
        await kube.call({
          method: 'DELETE',
          path: `${path}/${pod!.metadata!.name}`,
          query: { gracePeriodSeconds: index === 0 ? 0 : 1 }
        })
      }
      for (const { id } of jobs) while ((await podsOf(id)).length > 0) await delay(100)
      await start(t, here)
      for (const { id } of jobs) {
        t.match(await here.client.ended(id), {
          status: 'Failed',
          reason: 'Lost',
          message: /^The program failed, or its pod was deleted; the pod was gone before its exit code could be read/
        })
        t.strictSame(await podsOf(id), [], 'the Job has no second pod')
      }
      t.strictSame(runs.counts(jobs.map(({ id }) => id)), [1, 1])
    }
  )

  await t.test('a job that runs longer than its timeout is stopped, counted from its start', async t => {
    const cluster = await testCluster(t)
    const here = placeOn(t, cluster, await onlyTheRole(t, cluster))
    await start(t, here)
    await untilReady(here.client, true)
    const submission = { name: 'n', cluster: 'Kubernetes', container, timeoutSeconds: 3, stopGraceSeconds: 2 }
    const [stops, ignores] = await Promise.all(
      [UNTIL_STOPPED, "trap '' TERM; while :; do sleep 0.1; done"].map(command =>
        here.client.submit({ ...submission, command }).then(({ id }) => here.client.ended(id)))
    )
    for (const job of [stops!, ignores!]) {
      t.match(job, { status: 'Killed', outcome: 'failed', reason: 'TimedOut' })
      const tookMs = Date.parse(job.endTime!) - Date.parse(job.startTime!)
      t.ok(tookMs >= 2000 && tookMs < 30_000, `it ran for ${tookMs} ms`)
    }
    t.equal(ignores!.exitCode, 137)
  })

  await t.test('output can be read from any offset, while it grows, and after the pod is gone', async t => {
    const cluster = await testCluster(t)
    const here = placeOn(t, cluster, await onlyTheRole(t, cluster))
    await start(t, here)
    const { client } = here
    t.match(await client.cluster('Kubernetes'), {
      type: 'Kubernetes',
      output: 'mixed',
      operations: ['stop', 'kill', 'cancel']
    })
    const { id } = await client.submit({ ...programOf(1), cluster: 'Kubernetes' })
    const statuses: string[] = []
    const watching = (async () => { for await (const { status } of client.events({ id })) statuses.push(status) })()
    const whole = numberedLines(1)
    const [all, rest] = await Promise.all([
      outputOf(client, id, { follow: true }),
      untilWritten(client, id, '\n').then(() => outputOf(client, id, { follow: true, from: 4 }))
    ])
    t.equal(all, whole)
    t.equal(rest, whole.slice(4))
    await watching
    t.strictSame([...new Set(statuses)], ['Pending', 'Running', 'Finished'])
    await cluster.client.call({
      method: 'DELETE',
      path: `/api/v1/namespaces/${cluster.namespace}/pods`,
      query: { labelSelector: `job-name=${objectName(id)}` }
    })
    t.equal(await outputOf(client, id), whole)
    t.equal(await outputOf(client, id, { from: whole.length }), '')
    await t.rejects(outputOf(client, id, { from: whole.length + 1 }), {
      code: 'OutputOffsetPastEnd',
      details: { size: whole.length }
    })
    t.match(await client.get(id), { status: 'Finished', exitCode: 1 })
  })
})
