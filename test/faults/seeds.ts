// Plays the histories of seeds. FAULT_SEEDS is their number (from 0 on), FAULT_SEED=n plays one alone. The seeds in
// kept-seeds.json failed once and are always played.

import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { brokenBy, endStage } from './check.ts'
import { seeded, type Seeded } from './seeded.ts'
import { openStage } from './stage.ts'
import type { World } from './world.ts'

const { FAULT_SEED, FAULT_SEEDS = '8' } = process.env
const kept = JSON.parse(readFileSync(new URL('./kept-seeds.json', import.meta.url), 'utf8')) as number[]
const seeds =
  FAULT_SEED !== undefined
    ? [Number(FAULT_SEED)]
    : [...new Set([...kept, ...Array.from({ length: Number(FAULT_SEEDS) }, (_, seed) => seed)])]

/** Whether exactly one seed was requested, and nothing else. */
export const onlyOneSeed = FAULT_SEED !== undefined

/** The minimum timeout of all seeds together. */
export const SEEDS_MS = 1000 * (600 + 30 * seeds.length)

/** Plays the seeds of one type of cluster, as subtests that run concurrently. */
export function playSeeds (
  t: Test, type: Seeded['cluster'], worldOf: (t: Test) => World | Promise<World>, where = ''
): void {
  for (const seed of seeds) {
    const { cluster, history } = seeded(seed)
    if (cluster !== type) continue
    t.test(`FAULT_SEED=${seed}${where}`, { buffered: true, timeout: SEEDS_MS }, async t => {
      const stage = await openStage(t, await worldOf(t))
      t.strictSame(await brokenBy(history, stage), [], JSON.stringify(history))
      await endStage(t, stage)
    })
  }
}
