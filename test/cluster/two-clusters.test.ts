// One launcher with two Kubernetes clusters, a real one and a hollow one of another version, beside the local one.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ClientJob, JobSubmission, LauncherClient } from '../../launcher/client/client.ts'
import { kill, place, start, untilReady, type Place, type Running } from '../e2e/launcher-process.ts'
import { apiProxy, type ApiProxy } from '../faults/api-proxy.ts'
import { collect } from '../fixtures/collect.ts'
import { hollowNode, type HollowNode } from '../fixtures/hollow-node.ts'
import { outputOf } from '../fixtures/output-of.ts'
import { noCluster, noOwnCluster, ownCluster, testCluster, type TestCluster } from './cluster.ts'

const { KUBE_ARCHIVES, KUBE_VERSION = '1.37.2' } = process.env
/** Without archives its programs would have to be built. */
const OTHER_VERSION = KUBE_ARCHIVES === undefined ? undefined : KUBE_VERSION === '1.31.14' ? '1.37.2' : '1.31.14'
const container = { image: 'localhost/busybox:1' }
const EAST: JobSubmission = { name: 'east', command: 'echo east; exit 3', container, cluster: 'East' }
const WEST: JobSubmission = { name: 'west', command: 'echo west', container, cluster: 'West' }
const LOCAL: JobSubmission = { name: 'local', command: 'exit 5', cluster: 'Local' }

interface Side {
  readonly cluster: TestCluster
  readonly proxy: ApiProxy
}

/** Conf files of a stand-alone launcher, whose two Kubernetes clusters have a conf file each. */
function writeConf ({ configDir, scratchPath }: Place, sides: Readonly<Record<'East' | 'West', Side>>): void {
  mkdirSync(configDir)
  const sections = Object.entries(sides).map(([name, { cluster, proxy }]) => {
    const file = join(configDir, `${name}.conf`)
    const keys = [`kubeconfig=${proxy.kubeconfig}`, `kubernetes-namespace=${cluster.namespace}`]
    writeFileSync(file, `[kubernetes]\n${keys.join('\n')}\n`)
    return `[cluster]\nname=${name}\ntype=Kubernetes\nconfig-file=${file}\n`
  })
  writeFileSync(
    join(configDir, 'launcher.conf'),
    `[server]\nscratch-path=${scratchPath}\n${sections.join('')}[cluster]\ntype=Local\n`
  )
}

async function untilStatus (client: LauncherClient, id: string, status: ClientJob['status']): Promise<void> {
  for await (const job of client.events({ id })) if (job.status === status) return
  throw new Error(`the job ended without having been ${status}: ${JSON.stringify(await client.get(id))}`)
}

/** Asks until the answer has been true. */
async function untilTrue (ask: () => Promise<boolean>): Promise<void> {
  while (!await ask());
}

async function statesOf (client: LauncherClient): Promise<Record<string, boolean>> {
  return Object.fromEntries((await client.readiness()).clusters.map(({ name, ready }) => [name, ready]))
}

t.test('one launcher with two Kubernetes clusters', {
  skip: noCluster !== false ? noCluster : noOwnCluster,
  timeout: 600_000
}, async t => {
  const east = await testCluster(t)
  const own = await ownCluster(t, '', OTHER_VERSION)
  const west = { ...own, ...await testCluster(t, own.kubeconfig) }
  const node: HollowNode = await hollowNode({
    client: west.client,
    folder: west.folder,
    onSchedule (pod) {
      node.run(pod).then(async () => {
        node.write(pod, ['west'])
        await node.finish(pod, 4)
      })
    },
    onDelete (pod) { node.remove(pod) }
  })
  t.teardown(() => node.end())
  const sides = {
    East: { cluster: east, proxy: await apiProxy(t, east.kubeconfig) },
    West: { cluster: west, proxy: await apiProxy(t, west.kubeconfig) }
  }
  const here = place(t)
  writeConf(here, sides)
  const { client } = here
  // The launcher outlives the subtest that starts it.
  const launch = (): Promise<Running> => start(t, here, { byHand: true })
  let launcher = await launch()
  await untilReady(client, true)

  await t.test('each job runs on its own cluster, in the view of that cluster alone', async t => {
    const jobs = await Promise.all([EAST, WEST, LOCAL].map(async submission => await client.submit(submission)))
    const ended = await Promise.all(jobs.map(({ id }) => client.ended(id)))
    t.strictSame(
      ended.map(({ cluster, status, exitCode }) => ({ cluster, status, exitCode })),
      [['East', 3], ['West', 4], ['Local', 5]].map(([cluster, exitCode]) =>
        ({ cluster, status: 'Finished', exitCode }))
    )
    t.equal(await outputOf(client, jobs[0]!.id), 'east\n')
    t.equal(await outputOf(client, jobs[1]!.id), 'west\n')
    for (const [index, cluster] of ['East', 'West', 'Local'].entries()) {
      t.strictSame((await collect(client.list({ cluster }))).map(({ id }) => id), [jobs[index]!.id])
    }
    const versions = (await client.clusters()).map(({ name, type }) => `${name} ${type}`)
    t.strictSame(versions, ['East Kubernetes', 'West Kubernetes', 'Local Local'])
  })

  await t.test('a quota of one cluster holds no job of the other', async t => {
    const path = `/api/v1/namespaces/${west.namespace}/resourcequotas`
    await west.client.call({
      method: 'POST',
      path,
      body: { metadata: { name: 'none' }, spec: { hard: { 'count/jobs.batch': '0' } } }
    })
    // A quota is enforced once its use is known.
    interface Quota { readonly status: { readonly used?: object } }
    await untilTrue(async () =>
      (await west.client.call<Quota>({ method: 'GET', path: `${path}/none` })).status.used !== undefined)
    const held = await client.submit(WEST)
    await untilTrue(async () => (await client.get(held.id)).message !== undefined)
    t.match(await client.get(held.id), { status: 'Pending', message: /quota/ })
    t.match(await client.ended((await client.submit(EAST)).id), { exitCode: 3 })
    await west.client.call({ method: 'DELETE', path: `${path}/none` })
    t.match(await client.ended(held.id), { status: 'Finished', exitCode: 4 })
  })

  const outages = [
    { away: 'West', other: 'East', how: 'hangs' },
    { away: 'East', other: 'West', how: 'refuses connections' }
  ] as const
  for (const { away, other, how } of outages) {
    await t.test(`${other} and Local work on while ${away} ${how}, and after a restart`, async t => {
      const { proxy } = sides[away]
      const [gone, present] = away === 'East' ? [EAST, WEST] : [WEST, EAST]
      const bothEnd = async (): Promise<void> => {
        for (const submission of [present, LOCAL]) {
          t.match(await client.ended((await client.submit(submission)).id), { status: 'Finished' })
        }
      }
      if (how === 'hangs') proxy.hang()
      else await proxy.leave()
      const waiting = await client.submit(gone)
      await bothEnd()
      const running = await client.submit({ ...LOCAL, command: 'sleep 600' })
      await untilStatus(client, running.id, 'Running')
      await kill(launcher)
      launcher = await launch()
      t.match(await client.get(running.id), { status: 'Running' })
      await client.control(running.id, 'kill')
      await bothEnd()
      t.match(await statesOf(client), { [away]: false, [other]: true, Local: true })
      if (how === 'hangs') await proxy.leave()
      await proxy.comeBack()
      t.match(await client.ended(waiting.id), { status: 'Finished' })
      await untilReady(client, true)
    })
  }
})
