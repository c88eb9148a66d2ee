import t from 'tap'
import { killAtEachStep } from './act.ts'
import { noFaults } from './check.ts'
import { LOCAL_ACTS } from './local-points.ts'
import { localWorld } from './local-world.ts'
import { onlyOneSeed, playSeeds, SEEDS_MS } from './seeds.ts'

/** Most of the time is waiting. */
const AT_ONCE = 4

t.test(
  'a launcher that is killed at any step of a local job loses nothing',
  { skip: noFaults, timeout: SEEDS_MS },
  async t => {
    t.jobs = AT_ONCE
    if (!onlyOneSeed) {
      for (const act of LOCAL_ACTS) {
        t.test(`killed at each step of ${act.name}`, { buffered: true }, t => killAtEachStep(t, act, localWorld(t)))
      }
    }
    playSeeds(t, 'Local', localWorld)
  }
)
