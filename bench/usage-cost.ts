// Measures the CPU of a launcher for one reading of the usage of all of its jobs.

import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'undici'
import type { LauncherClient } from '../launcher/client/client.ts'
import type { Measurement } from './figure.ts'
import { cpuSeconds, type BenchLauncher } from './launcher.ts'
import { spreadOf } from './statistics.ts'

const SETTLE_MS = 20_000
const READINGS = 12
/** After a reading, and a pause, the launcher only looks after its jobs for so long. */
const IDLE_MS = 3000
const PAUSE_MS = 500
/** Requests whose cost is measured together. */
const REQUESTS = 20
const BATCHES = 9
const BATCH_IDLE_MS = 500
const TARGET_MS = 20

export interface UsageCost {
  /** CPU for a reading of a stream: to measure, to encode and to send. */
  readonly readingMs: number
  /** CPU for a reply with figures that were measured for another reader. */
  readonly sharedMs: number
  /** CPU for a reading of one job. */
  readonly singleMs: number
  /** Milliseconds of CPU in a millisecond for the jobs alone; the others are without it. */
  readonly idleRate: number
  readonly megabytes: number
}

export async function usageCost ({ client, pid, socket }: BenchLauncher, count: number): Promise<UsageCost> {
  await delay(SETTLE_MS)
  const http = new Client('http://localhost', { socketPath: socket })
  const get = async (path: string): Promise<number> =>
    (await (await http.request({ method: 'GET', path })).body.arrayBuffer()).byteLength
  const readingMs = await cpuOfReadings(client, pid, count)
  const costOf = async (paths: readonly string[]): Promise<number> => {
    const costs: number[] = []
    for (let n = 0; n < BATCHES; n++) {
      const idle = await idleRate(pid, BATCH_IDLE_MS)
      const [from, at] = [cpuSeconds(pid), performance.now()]
      for (const path of paths) await get(path)
      costs.push(((cpuSeconds(pid) - from) * 1000 - idle * (performance.now() - at)) / paths.length)
    }
    return spreadOf(costs).median
  }
  const { jobs } = await client.usage()
  const bytes = await get('/v1/usage')
  const sharedMs = await costOf(Array(REQUESTS).fill('/v1/usage'))
  const singleMs = await costOf(jobs.slice(0, REQUESTS).map(({ id }) => `/v1/jobs/${id}/resources`))
  await http.close()
  return { readingMs, sharedMs, singleMs, idleRate: await idleRate(pid, IDLE_MS), megabytes: bytes / 1e6 }
}

/**
 * A reading ends what the launcher did for it. Its CPU is that of the time before it, less what the launcher uses for
 * its jobs in a time as long between two readings.
 */
async function cpuOfReadings (client: LauncherClient, pid: number, count: number): Promise<number> {
  const costs: number[] = []
  const stop = new AbortController()
  let begun: { readonly cpu: number, readonly at: number } | undefined
  for await (const { totals } of client.followUsage({}, stop.signal)) {
    const [cpu, at] = [cpuSeconds(pid), performance.now()]
    if (totals.measuredJobs < count) continue
    await delay(PAUSE_MS)
    const idle = await idleRate(pid, IDLE_MS)
    if (begun !== undefined) {
      costs.push((cpu - begun.cpu) * 1000 - idle * (at - begun.at))
      if (costs.length === READINGS) stop.abort()
    }
    begun = { cpu: cpuSeconds(pid), at: performance.now() }
  }
  return spreadOf(costs).median
}

/** Resolves with the milliseconds of CPU that the process uses in a millisecond of the time from now on. */
async function idleRate (pid: number, ms: number): Promise<number> {
  const [cpu, at] = [cpuSeconds(pid), performance.now()]
  await delay(ms)
  return (cpuSeconds(pid) - cpu) * 1000 / (performance.now() - at)
}

export function measurementsOf (
  figure: string, count: number, { readingMs, sharedMs, singleMs, megabytes }: UsageCost
): Measurement[] {
  return [
    {
      name: `${figure}/20-ms`,
      ratio: readingMs / TARGET_MS,
      target: { max: 1 },
      detail: `${readingMs.toFixed(1)} ms for each reading of a stream with ${count} jobs, ${megabytes.toFixed(1)} MB`
    },
    {
      name: `${figure}/shared`,
      ratio: sharedMs / TARGET_MS,
      target: { max: 1 },
      detail: `${sharedMs.toFixed(1)} ms for a reply that shares the measurement of another`
    },
    {
      name: `${figure}/single`,
      ratio: readingMs / (singleMs * count),
      detail: `${readingMs.toFixed(1)} ms; ${count} readings of one job at ${singleMs.toFixed(2)} ms`
    }
  ]
}
