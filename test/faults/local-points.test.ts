import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { brokenBy, endStage, noFaults } from './check.ts'
import { LOCAL_ACTS, type Act } from './local-points.ts'
import { localWorld } from './local-world.ts'
import { openStage, PHASE_MARK, type Stage } from './stage.ts'

/** Most of the time is waiting. */
const AT_ONCE = 4
/** What a host does beside, in any act. */
const READS = /^answer GET /

/** Names of the steps between two phases. */
function stepsOf (text: string, { from, until }: Act): Set<string> {
  const lines = text.split('\n').slice(0, -1)
  const begin = lines.indexOf(`${PHASE_MARK}${from}`)
  const end = until === undefined ? lines.length : lines.indexOf(`${PHASE_MARK}${until}`)
  return new Set(lines.slice(begin + 1, end).filter(line => !line.startsWith(PHASE_MARK)))
}

async function eachStep (t: Test, act: Act, stage: Stage): Promise<void> {
  const nths = new Map<string, number>()
  for (const at of act.steps) {
    const nth = (nths.get(at) ?? 0) + 1
    nths.set(at, nth)
    const before = stage.kills
    t.strictSame(await brokenBy({ jobs: [act.job], crashes: [{ from: act.from, at, nth }] }, stage), [], `killed before ${at} ${nth}`)
    // Two writes may have become one commit.
    if (nth === 1) t.equal(stage.kills - before, 1, 'it was killed there')
  }
}

t.test('a launcher that is killed at any step of a local job loses nothing', { skip: noFaults }, async t => {
  t.jobs = AT_ONCE
  for (const act of LOCAL_ACTS) {
    t.test(act.name, { buffered: true }, async t => {
      const folder = mkdtempSync(join(tmpdir(), 'jl-steps-'))
      t.teardown(() => rmSync(folder, { recursive: true, force: true }))
      const steps = join(folder, 'steps')
      const stage = await openStage(t, localWorld(t), { steps })
      t.strictSame(await brokenBy({ jobs: [act.job], crashes: [] }, stage), [])
      const missed = [...stepsOf(readFileSync(steps, 'utf8'), act)].filter(step => !READS.test(step) && !act.steps.includes(step) && act.others?.includes(step) !== true)
      t.strictSame(missed, [], 'every step is in the list')
      await eachStep(t, act, stage)
      await endStage(t, stage)
    })
  }
})
