// A part of a job's life with the steps that the launcher takes in it. The launcher is killed at each step.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { brokenBy, endStage } from './check.ts'
import { DEED_MS } from './crash-point.ts'
import type { Deed, Phase } from './crash-point.ts'
import type { PlannedJob } from './history.ts'
import { openStage, PHASE_MARK, type Stage } from './stage.ts'
import type { World } from './world.ts'

export interface Act {
  readonly name: string
  readonly job: PlannedJob
  /** The act is between these phases. */
  readonly from: Phase
  readonly until?: Phase
  /** Names of its steps, roughly in order. A name that is listed twice is a step that comes twice. */
  readonly steps: readonly string[]
  /** Names of steps that do not come every time. */
  readonly atTimes?: readonly string[]
  /** Other steps that may come between: they belong to another act, or come only on a slow machine. */
  readonly others?: readonly string[]
}

/** Reads of a host, which may come in any act. */
const READS = /^answer GET /

/** Checks in a run without a kill that the list of steps is complete, then kills the launcher at each step. */
export async function killAtEachStep (t: Test, act: Act, world: World): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jl-steps-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'steps')
  const stage = await openStage(t, world, { steps: file })
  t.strictSame(await brokenBy({ jobs: [act.job], crashes: [] }, stage), [])
  const missed = [...stepsOf(readFileSync(file, 'utf8'), act)].filter(
    step => !READS.test(step) && ![...act.steps, ...(act.atTimes ?? []), ...(act.others ?? [])].includes(step)
  )
  t.strictSame(missed, [], 'every step is in the list')
  await eachStep(t, act, stage)
  await endStage(t, stage)
}

/** Names of the steps between two phases. */
function stepsOf (text: string, { from, until }: Act): Set<string> {
  const lines = text.split('\n').slice(0, -1)
  const begin = lines.indexOf(`${PHASE_MARK}${from}`)
  const end = until === undefined ? lines.length : lines.indexOf(`${PHASE_MARK}${until}`)
  return new Set(lines.slice(begin + 1, end).filter(line => !line.startsWith(PHASE_MARK)))
}

async function eachStep (t: Test, act: Act, stage: Stage): Promise<void> {
  for (const { at, nth } of stepsIn(act)) {
    const before = stage.kills
    t.strictSame(
      await brokenBy({ jobs: [act.job], crashes: [{ from: act.from, at, nth }] }, stage),
      [],
      `killed before ${at} ${nth}`
    )
    // Two writes may share one commit.
    if (nth === 1 && act.steps.includes(at)) t.equal(stage.kills - before, 1, 'it was killed there')
  }
}

/** Plays the act with the deed at each of its steps. */
export async function suffersAtEachStep (t: Test, act: Act, deed: Deed, world: World): Promise<void> {
  const stage = await openStage(t, world)
  const what = JSON.stringify(deed)
  const steps = stepsIn(act)
  for (const { at, nth } of steps) {
    t.strictSame(
      await brokenBy({ jobs: [act.job], crashes: [{ from: act.from, at, nth, deed }] }, stage),
      [],
      `${what} before ${at} ${nth}`
    )
    // It lasts into the next history.
    await delay(DEED_MS)
  }
  // A disk that is full at one step changes the later ones.
  t.ok(stage.deeds.length >= steps.length / 2, `it happened at ${stage.deeds.length} of ${steps.length} steps`)
  await endStage(t, stage)
}

function stepsIn (act: Act): Array<{ at: string, nth: number }> {
  const nths = new Map<string, number>()
  return [...act.steps, ...act.atTimes ?? []].map(at => {
    const nth = (nths.get(at) ?? 0) + 1
    nths.set(at, nth)
    return { at, nth }
  })
}
