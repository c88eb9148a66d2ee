// One file, because a cluster has one hollow node.

import t from 'tap'
import { killAtEachStep } from './act.ts'
import { noFaults } from './check.ts'
import { HOLLOW_ACTS } from './hollow-points.ts'
import { hollowCluster, hollowWorld, noHollow, testHollowCluster } from './hollow-world.ts'
import { onlyOneSeed, playSeeds, SEEDS_MS } from './seeds.ts'

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
    }
    playSeeds(t, 'Kubernetes', t => hollowWorld(t, cluster))
  }
)
