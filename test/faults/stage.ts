// A launcher that is killed at given steps and restarted, until an orderly end.

import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { place, start, type Place, type Running } from '../e2e/launcher-process.ts'
import { ERRORS } from '../../launcher/errors.ts'
import type { Crash, Deed, Phase } from './crash-point.ts'
import { FILLER } from './fill-disk.ts'
import type { World } from './world.ts'

const PRELOAD = fileURLToPath(new URL('./crash.ts', import.meta.url))
/** What a launcher leaves in its scratch path after an orderly end, beside a folder for each cluster. */
const STAYS = ['instance-id', 'jobs.db', 'launcher.key', 'launcher.lock', 'place.json', 'reserve']
/** A host starts a launcher again this long after one that found the disk full. */
const AGAIN_MS = 100
const CONF = ['.job-launcher.json', 'launcher.conf', 'launcher.local.conf', 'launcher.kubernetes.conf']

/** Prefix of the lines that mark a phase in a file of steps. */
export const PHASE_MARK = '-- '

export interface Stage {
  readonly here: Place
  readonly world: World
  readonly kills: number
  /** The deeds that happened. */
  readonly deeds: readonly Deed[]
  /** Sets the crashes, which are met in order; earlier ones are dropped. */
  expect (crashes: readonly Crash[]): void
  /** Reports that the history has reached a phase. */
  reach (phase: Phase): void
  /** Ends the launcher in order and restarts it as if so many milliseconds had passed, to be killed there. */
  restart (options: { passedMs?: number, crashes?: readonly Crash[] }): Promise<void>
  /**
   * Ends the launcher in order. Resolves with what it should not have left, or with how it ended if that was not in
   * order.
   */
  end (): Promise<string[]>
}

export interface StageOptions {
  /** The crash that the first launcher meets before it is ready. */
  readonly crashes?: readonly Crash[]
  readonly settings?: Readonly<Record<string, string>>
  /** A file that gets the name of each step. */
  readonly steps?: string
  /** Standard error of each launcher: a descriptor. A pipe that is read, when it is left out. */
  readonly stderr?: number
}

export async function openStage (
  t: Test,
  world: World,
  { crashes: first = [], settings, steps, stderr }: StageOptions = {}
): Promise<Stage> {
  const here = place(t, { LogLevel: 'warn', ...world.settings, ...settings })
  const file = join(here.folder, 'crash')
  const surprises: string[] = []
  const reached = new Set<Phase>()
  let crashes: readonly Crash[] = []
  let kills = 0
  let ending = false
  let env: Record<string, string> = {
    FAULT_CRASH: file,
    FAULT_DISK: here.scratchPath,
    ...(steps !== undefined && { FAULT_STEPS: steps })
  }
  world.prepare?.(here.scratchPath)
  expect(first)
  let running = await launch()
  let keeping = keepUp()
  keeping.catch(() => {})
  t.teardown(() => { ending = true })

  function expect (next: readonly Crash[]): void {
    rmSync(file, { force: true })
    reached.clear()
    crashes = next
    arm()
  }

  function arm (): void {
    const [next, ...others] = crashes
    if (next === undefined || existsSync(file) || (next.from !== undefined && !reached.has(next.from))) return
    crashes = others
    // Each is different, so that steps are counted from 0.
    writeFileSync(`${file}.new`, JSON.stringify({ ...next, left: others.length, kills }))
    renameSync(`${file}.new`, file)
  }

  function died ([code, signal]: [number | null, NodeJS.Signals | null], log: string): void {
    const asked = existsSync(`${file}.met`)
    rmSync(`${file}.met`, { force: true })
    rmSync(join(here.scratchPath, FILLER), { recursive: true, force: true })
    if (!asked || (signal !== 'SIGKILL' && code !== 0)) {
      surprises.push(`the launcher ended with ${signal ?? code}: ${log}`)
    }
    kills += 1
    arm()
  }

  async function launch (): Promise<Running> {
    for (;;) {
      try {
        return await start(t, here, { preload: PRELOAD, env, ...(stderr !== undefined && { stderr }) })
      } catch (error) {
        const { exit, message } = error as Error & { exit: [number | null, NodeJS.Signals | null] }
        if (exit[0] === ERRORS.DiskFull.exit) {
          await delay(AGAIN_MS)
          continue
        }
        if (!existsSync(`${file}.met`)) throw error
        died(exit, message)
      }
    }
  }

  async function keepUp (): Promise<void> {
    for (;;) {
      const exit = await running.exit
      // A launcher that was killed at a step just before its orderly end is followed by another.
      if (ending && !existsSync(`${file}.met`)) return
      died(exit, running.log())
      running = await launch()
      if (ending) running.child.kill('SIGTERM')
    }
  }

  async function endLauncher (): Promise<string[]> {
    rmSync(file, { force: true })
    ending = true
    running.child.kill('SIGTERM')
    await keeping
    const [code, signal] = await running.exit
    return code === 0 ? [] : [`the launcher ended with ${signal ?? code} instead of in order: ${running.log()}`]
  }

  return {
    here,
    world,
    get kills () { return kills },
    get deeds () {
      const lines = existsSync(`${file}.done`) ? readFileSync(`${file}.done`, 'utf8').trimEnd().split('\n') : []
      return lines.map(line => JSON.parse(line) as Deed)
    },
    expect,
    reach (phase) {
      if (steps !== undefined) appendFileSync(steps, `${PHASE_MARK}${phase}\n`)
      reached.add(phase)
      arm()
    },
    async restart ({ passedMs = 0, crashes = [] }) {
      surprises.push(...await endLauncher())
      ending = false
      env = { ...env, FAULT_PASSED_MS: String(passedMs) }
      expect(crashes)
      running = await launch()
      keeping = keepUp()
      keeping.catch(() => {})
    },
    async end () {
      const left = await endLauncher()
      const inScratch = readdirSync(here.scratchPath, { withFileTypes: true })
        .filter(entry => !entry.isDirectory() && !STAYS.includes(entry.name))
        .map(({ name }) => `${name} in the scratch path`)
      const inConf = readdirSync(here.configDir)
        .filter(name => !CONF.includes(name))
        .map(name => `${name} beside the conf files`)
      return [...surprises, ...left, ...inScratch, ...inConf]
    }
  }
}

/** The text of each conf file. */
export function confOf ({ configDir }: Place): Record<string, string> {
  return Object.fromEntries(
    readdirSync(configDir)
      .filter(name => name.endsWith('.conf'))
      .map(name => [name, readFileSync(join(configDir, name), 'utf8')])
  )
}
