// Local starts a second, from start until observed as ended, against a bare child_process.spawn that writes its output
// to a file. Both run the same number of `true` with the same number in flight, by turns; medians are compared.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { makeMetrics } from '../launcher/metrics.ts'
import type { Job, Plugin } from '../launcher/plugin.ts'
import { local } from '../plugins/local/index.ts'

const JOBS = 200
const IN_FLIGHT = 16
const ROUNDS = 5

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const waiting = new Map<string, () => void>()
const plugin: Plugin = await local.create({ 'allow-unenforced-limits': false }, {
  cluster: 'Local',
  scratchPath: folder,
  instance: 'bench',
  serverUser: undefined,
  log: pino({ level: 'silent' }),
  environment: {},
  counts: makeMetrics().countsOf('Local'),
  changed: id => waiting.get(id)?.()
})
// The plugin keeps no process alive.
const alive = setInterval(() => {}, 1000)
let serial = 0

async function bare (): Promise<void> {
  const output = openSync(join(folder, `bare-${serial++}`), 'a')
  const child = spawn('/bin/true', [], { stdio: ['ignore', output, output], env: {}, detached: true })
  closeSync(output)
  await once(child, 'exit')
}

async function job (): Promise<void> {
  const id = String(serial++).padStart(26, '0')
  const record: Job = {
    id,
    user: process.env.USER ?? 'root',
    cluster: 'Local',
    submission: { name: 'true', exe: '/bin/true' },
    submissionTime: Date.now(),
    status: 'Pending',
    revision: 1,
    lastUpdateTime: Date.now(),
    handedOver: false
  }
  const changed = new Promise<void>(resolve => waiting.set(id, resolve))
  await plugin.start(record)
  await changed
  waiting.delete(id)
  const seen = await plugin.observe(record)
  if (seen.state !== 'ended' || seen.verdict.exitCode !== 0) throw new Error(`job ${id}: ${JSON.stringify(seen)}`)
}

async function rate (run: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  let left = JOBS
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (left-- > 0) await run()
  }))
  return JOBS / ((performance.now() - begin) / 1000)
}

function median (values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

try {
  await rate(bare)
  await rate(job)
  const rates: Record<'bare' | 'local', number[]> = { bare: [], local: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await rate(bare))
    rates.local.push(await rate(job))
  }
  const [spawns, jobs] = [median(rates.bare), median(rates.local)]
  console.log(`local starts: ${jobs.toFixed(0)} a second, bare spawn ${spawns.toFixed(0)}, ratio ${(jobs / spawns).toFixed(2)} (target 0.8)`)
} finally {
  clearInterval(alive)
  await plugin.close()
  rmSync(folder, { recursive: true, force: true })
}
