// Plays a history and checks it against the invariants. The counts go into the table that scripts/test --faults
// prints.

import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { HOUR_MS } from '../../launcher/lib/duration.ts'
import type { History } from './history.ts'
import { judge, type Tally } from './invariants.ts'
import { play } from './play.ts'
import type { Stage } from './stage.ts'

const { FAULT_COUNTS } = process.env

/** Reason to skip a test that only the fault suite runs, or false. */
export const noFaults = FAULT_COUNTS === undefined && 'it takes long; scripts/test --faults runs it'

/** Resolves with one sentence for each violated invariant. */
export async function brokenBy (history: History, stage: Stage): Promise<string[]> {
  const killsBefore = stage.kills
  const deedsBefore = stage.deeds.length
  const faultsBefore = stage.world.faults()
  const { jobs, foreign, surprises } = await play(history, stage)
  const leftovers = await leftoversOf(stage, jobs.map(({ id }) => id))
  const { broken, ...judged } = judge(jobs, foreign, leftovers)
  const deeds = stage.deeds.slice(deedsBefore)
  const clockSteps = deeds.filter(deed => typeof deed === 'object').length
  count({
    ...judged,
    kills: stage.kills - killsBefore,
    faults: stage.world.faults() - faultsBefore,
    clockSteps,
    fullDisks: deeds.length - clockSteps
  })
  return [...surprises, ...broken]
}

export async function leftoversOf ({ here: { scratchPath }, world }: Stage, ids: readonly string[]): Promise<string[]> {
  const instance = readFileSync(join(scratchPath, 'instance-id'), 'utf8').trim()
  return await world.leftovers({ scratchPath, instance, ids })
}

/** Ends the stage and counts leftovers as leaked. If garbage must be collected, a last launcher does it first. */
export async function endStage (t: Test, stage: Stage): Promise<void> {
  const left: string[] = []
  if (stage.world.later !== undefined) {
    stage.world.later(GARBAGE_AGE_MS)
    await stage.restart({ passedMs: GARBAGE_AGE_MS })
    left.push(...await leftoversOf(stage, []))
  }
  left.push(...await stage.end())
  count({ leaked: left.length })
  t.strictSame(left, [], 'the launcher ended in order and left nothing')
}

export function count (tally: Partial<Tally>): void {
  if (FAULT_COUNTS !== undefined) appendFileSync(FAULT_COUNTS, `${JSON.stringify(tally)}\n`)
}

/** Every leftover is at least this old then. */
const GARBAGE_AGE_MS = 2 * HOUR_MS
