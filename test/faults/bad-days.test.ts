import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { suffersAtEachStep } from './act.ts'
import { noFaults } from './check.ts'
import type { Deed } from './crash-point.ts'
import { LOCAL_ACTS } from './local-points.ts'
import { localWorld } from './local-world.ts'
import { SEEDS_MS } from './seeds.ts'
import type { World } from './world.ts'

const AT_ONCE = 4
const DAYS_MS = 3 * 86_400_000
const noMount = process.getuid!() === 0 ? false : 'only root can mount a small file system'
const DISK = 'size=48m,nr_inodes=400,mode=700'

/** The scratch path is a small file system of its own. */
function smallDiskWorld (t: Test): World {
  return {
    ...localWorld(t),
    prepare (scratchPath) {
      mkdirSync(scratchPath)
      execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', scratchPath])
      t.teardown(() => { execFileSync('umount', ['--lazy', scratchPath]) })
    }
  }
}

for (const deed of ['no blocks', 'no inodes'] as const) {
  t.test(
    `a disk that has ${deed} left for a second at any step of a local job loses nothing`,
    { skip: noFaults || noMount, timeout: SEEDS_MS },
    async t => {
      t.jobs = AT_ONCE
      for (const act of LOCAL_ACTS) {
        // A program whose output finds no room sees the error itself.
        const silent = {
          ...act,
          job: { ...act.job, lines: 0, stdin: 0 },
          steps: act.steps.filter(step => !step.endsWith(' stdin'))
        }
        t.test(`${deed} at each step of ${act.name}`, { buffered: true, timeout: SEEDS_MS }, t =>
          suffersAtEachStep(t, silent, deed, smallDiskWorld(t))
        )
      }
    }
  )
}

t.test(
  // Files keep the true time: only the clock of the launcher is moved.
  'a clock that is days ahead or behind for a second at any step of a local job loses nothing',
  { skip: noFaults, timeout: SEEDS_MS },
  async t => {
    t.jobs = AT_ONCE
    for (const [index, act] of LOCAL_ACTS.entries()) {
      const deed: Deed = { clockMs: index % 2 === 0 ? DAYS_MS : -DAYS_MS }
      t.test(`the clock at each step of ${act.name}`, { buffered: true, timeout: SEEDS_MS }, t =>
        suffersAtEachStep(t, act, deed, localWorld(t))
      )
    }
  }
)
