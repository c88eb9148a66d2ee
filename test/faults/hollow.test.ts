// One file, because a cluster has one hollow node.

import t, { type Test } from 'tap'
import { outputEndMark } from '../../launcher/plugin-kit/output-limit.ts'
import { collect } from '../fixtures/collect.ts'
import { killAtEachStep } from './act.ts'
import { endStage, noFaults } from './check.ts'
import { HOLLOW_ACTS, HOLLOW_DATA_ACTS } from './hollow-points.ts'
import { hollowCluster, type HollowCluster, hollowWorld, noHollow, testHollowCluster } from './hollow-world.ts'
import { openStage } from './stage.ts'
import { onlyOneSeed, playSeeds, SEEDS_MS } from './seeds.ts'
import { linesOf } from './world.ts'

/** Most of the time is waiting. */
const AT_ONCE = 4

t.test(
  'a launcher that is killed at any step of a Kubernetes job loses nothing',
  { skip: noFaults || noHollow, timeout: SEEDS_MS },
  async t => {
    t.jobs = AT_ONCE
    const cluster = await hollowCluster(await testHollowCluster(t))
    t.teardown(() => cluster.end())
    if (!onlyOneSeed) {
      for (const act of HOLLOW_ACTS) {
        t.test(`killed at each step of ${act.name}`, { buffered: true, timeout: SEEDS_MS }, async t =>
          killAtEachStep(t, act, await hollowWorld(t, cluster))
        )
      }
      for (const act of HOLLOW_DATA_ACTS) {
        t.test(`killed at each step of ${act.name}, with the output in the data`, {
          buffered: true,
          timeout: SEEDS_MS
        }, async t => killAtEachStep(t, act, await hollowWorld(t, cluster, 'data')))
      }
      t.test('a job over its output limit', { buffered: true }, t => overOutputLimit(t, cluster))
    }
    playSeeds(t, 'Kubernetes', t => hollowWorld(t, cluster))
    playSeeds(t, 'Kubernetes', t => hollowWorld(t, cluster, 'data'), ', with the output in the data')
  }
)

/** The node's log of the job is longer than what may be kept of it, and its program never ends by itself. */
async function overOutputLimit (t: Test, cluster: HollowCluster): Promise<void> {
  const world = await hollowWorld(t, cluster)
  const stage = await openStage(t, world, { settings: { KubernetesOutputLimit: '500B' } })
  const { client } = stage.here
  const planned = { lines: 100, exitCode: 0, ends: 'never', asks: [] } as const
  const { id } = await client.submit(world.submission('over-limit', planned))
  const followed = collect(client.output(id, { stream: 'stdout', follow: true }))
  const outcome = { status: 'Killed', reason: 'OutputLimitExceeded', exitCode: 137 } as const
  t.match(await client.ended(id), outcome)
  const kept = String(Buffer.concat(await collect(client.output(id, { stream: 'stdout', follow: false }))))
  const whole = linesOf('over-limit', 100).map(line => `${line}\n`).join('')
  t.equal(kept, `${whole.slice(0, 500)}${outputEndMark(0.0005)}`)
  t.equal(String(Buffer.concat(await followed)), kept)
  await stage.restart({})
  t.match(await client.get(id), outcome)
  t.equal(world.runs('over-limit'), 1)
  await client.remove(id)
  await endStage(t, stage)
}
