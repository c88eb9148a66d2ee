// Local jobs a second over the socket, from submission until the event of the final status, against a bare
// child_process.spawn that writes its output to a file. By turns, with the same number in flight; medians are compared.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../launcher/client/client.ts'
import { startLauncher } from '../launcher/supervise/start-launcher.ts'

const JOBS = 200
const IN_FLIGHT = 16
const ROUNDS = 5

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const settings = join(folder, 'host.gcfg')
writeFileSync(settings, `[Launcher]\nConfigDir = ${folder}/conf\nScratchPath = ${folder}/scratch\nLogLevel = warn\n`)
const launcher = await startLauncher({ settings })
const client = createClient({ address: launcher.ready.address })
const ended = new Map<string, () => void>()
const over = new Set<string>()
const stop = new AbortController()
const watching = (async () => {
  for await (const { id, endTime } of client.events({ signal: stop.signal })) {
    if (endTime === undefined) continue
    over.add(id)
    ended.get(id)?.()
  }
})().catch(() => {})

async function bare (): Promise<void> {
  const output = openSync(join(folder, 'bare'), 'a')
  const child = spawn('/bin/true', [], { stdio: ['ignore', output, output], env: {}, detached: true })
  closeSync(output)
  await once(child, 'exit')
}

async function job (): Promise<void> {
  const { id } = await client.submit({ name: 'bench', exe: '/bin/true' })
  await new Promise<void>(resolve => over.has(id) ? resolve() : ended.set(id, resolve))
}

async function perSecond (work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  let left = JOBS
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => { while (left-- > 0) await work() }))
  return JOBS / (performance.now() - began) * 1000
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

try {
  await perSecond(job)
  const rates: { bare: number[], job: number[] } = { bare: [], job: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await perSecond(bare))
    rates.job.push(await perSecond(job))
  }
  const [bareRate, jobRate] = [median(rates.bare), median(rates.job)]
  console.log(`local-jobs: ${Math.round(jobRate)} jobs/s over the socket, bare spawn ${Math.round(bareRate)}/s, ratio ${(jobRate / bareRate).toFixed(2)}`)
} finally {
  stop.abort()
  await watching
  await client.close()
  await launcher.stop()
  rmSync(folder, { recursive: true, force: true })
}
