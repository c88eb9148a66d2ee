// Checks a property with many inputs. No input may throw anything but a LauncherError, hang, or take long.
//
// FUZZ_RUNS is the number of inputs of each property, FUZZ_COUNTS a file that gets how many there were, a line each
// test file. A failure prints the smallest input and the seed; the input is kept as an example of the property.

import { appendFileSync } from 'node:fs'
import fc, { type Arbitrary } from 'fast-check'
import type { Test } from 'tap'
import { isLauncherError } from '../../launcher/errors.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 200)

/** CPU time, which unlike wall-clock time does not grow if other processes use the machine. */
const MAX_CPU_MS = 1000
const HANGS_MS = 60_000

let inputs = 0
const { FUZZ_COUNTS } = process.env
if (FUZZ_COUNTS !== undefined) process.on('exit', () => appendFileSync(FUZZ_COUNTS, `${inputs}\n`))

export interface FuzzOptions<T> {
  /** Inputs that failed once, or that chance would not find. */
  readonly examples?: readonly T[]
}

/** `check` throws if something is wrong; a LauncherError that it throws counts as right. */
export async function fuzz<T> (
  t: Test,
  name: string,
  input: Arbitrary<T>,
  check: (value: T) => unknown,
  { examples = [] }: FuzzOptions<T> = {}
): Promise<void> {
  await t.test(name, { timeout: 900_000 }, async t => {
    let slowest = 0
    await fc.assert(fc.asyncProperty(input, async value => {
      inputs++
      const before = process.cpuUsage()
      try {
        const result = check(value)
        if (result instanceof Promise) await inTime(result)
      } catch (error) {
        if (!isLauncherError(error)) throw error
      }
      const { user, system } = process.cpuUsage(before)
      const ms = (user + system) / 1000
      slowest = Math.max(slowest, ms)
      if (ms > MAX_CPU_MS) throw new Error(`it took ${Math.round(ms)} ms of CPU`)
    }), { numRuns: RUNS, examples: examples.map(value => [value]) })
    t.pass(`${RUNS} inputs, the slowest took ${Math.ceil(slowest)} ms`)
  })
}

async function inTime (work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${HANGS_MS / 1000} s`)), HANGS_MS)
  })
  try {
    await Promise.race([work, hangs])
  } finally {
    clearTimeout(timer)
  }
}
