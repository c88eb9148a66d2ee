import t from 'tap'
import { killAtEachStep } from './act.ts'
import { noFaults } from './check.ts'
import { hollowCluster, hollowWorld, noHollow, testHollowCluster } from './hollow-world.ts'
import { HOLLOW_ACTS } from './hollow-points.ts'

/** Most of the time is waiting. */
const AT_ONCE = 4

t.test('a launcher that is killed at any step of a Kubernetes job loses nothing', { skip: noFaults || noHollow }, async t => {
  t.jobs = AT_ONCE
  const cluster = await hollowCluster(await testHollowCluster(t))
  t.teardown(() => cluster.end())
  for (const act of HOLLOW_ACTS) t.test(act.name, { buffered: true }, async t => killAtEachStep(t, act, await hollowWorld(t, cluster)))
})
