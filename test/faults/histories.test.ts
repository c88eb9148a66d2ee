// Histories from seeds: FAULT_SEEDS says how many (those from 0 on), FAULT_SEED=n replays one. The seeds in
// kept-seeds.json have failed once and are always played.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { brokenBy, endStage, noFaults } from './check.ts'
import { hollowCluster, hollowWorld, noHollow, testHollowCluster } from './hollow-world.ts'
import { localWorld } from './local-world.ts'
import { seeded } from './seeded.ts'
import { openStage } from './stage.ts'

const { FAULT_SEED, FAULT_SEEDS = '12' } = process.env
/** Most of the time is waiting. */
const AT_ONCE = 4

const kept = JSON.parse(readFileSync(new URL('./kept-seeds.json', import.meta.url), 'utf8')) as number[]
const seeds = FAULT_SEED !== undefined ? [Number(FAULT_SEED)] : [...new Set([...kept, ...Array.from({ length: Number(FAULT_SEEDS) }, (_, seed) => seed)])]

t.test('whatever happens, nothing is lost', { skip: noFaults, timeout: 1000 * (300 + 30 * seeds.length) }, async t => {
  t.jobs = AT_ONCE
  const needed = seeds.some(seed => seeded(seed).cluster === 'Kubernetes') && noHollow === false
  const cluster = needed ? await hollowCluster(await testHollowCluster(t)) : undefined
  t.teardown(() => cluster?.end())
  for (const seed of seeds) {
    const { cluster: type, history } = seeded(seed)
    t.test(`FAULT_SEED=${seed} on ${type}`, { buffered: true, skip: type === 'Kubernetes' && noHollow }, async t => {
      const stage = await openStage(t, type === 'Local' ? localWorld(t) : await hollowWorld(t, cluster!))
      t.strictSame(await brokenBy(history, stage), [], JSON.stringify(history))
      await endStage(t, stage)
    })
  }
})
