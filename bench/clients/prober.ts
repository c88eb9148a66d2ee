// The prober of the figure `load`: sends requests at a fixed rate, without waiting for replies, until its input ends.
// Then writes, for each target, the milliseconds from the scheduled time of each request to its complete reply.
// Argument: a Probe as JSON.

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Probe {
  readonly perSecond: number
  readonly targets: ReadonlyArray<{ readonly socket: string, readonly path: string, readonly user: string }>
}

const { perSecond, targets } = JSON.parse(process.argv[2]!) as Probe
const stopped = once(process.stdin.resume(), 'end').then(() => true)
const probes = targets.map(({ socket, path, user }) => ({
  pool: new Pool('http://launcher', { socketPath: socket }),
  path,
  user,
  times: [] as number[]
}))

async function ask ({ pool, path, user, times }: typeof probes[number], due: number): Promise<void> {
  const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { 'x-launcher-user': user } })
  const job = await body.json() as { user?: string }
  if (statusCode !== 200 || job.user !== user) throw new Error(`${path} answered ${statusCode}: ${JSON.stringify(job)}`)
  times.push(performance.now() - due)
}

const inFlight: Array<Promise<void>> = []
// The first requests connect, and are not counted.
await Promise.all(probes.map(async probe => await ask({ ...probe, times: [] }, 0)))
process.stdout.write('ready\n')
for (let due = performance.now(); ; due += 1000 / perSecond) {
  if (await Promise.race([stopped, delay(Math.max(0, due - performance.now()), false)])) break
  inFlight.push(...probes.map(probe => ask(probe, due)))
}
await Promise.all(inFlight)
process.stdout.write(`${JSON.stringify(probes.map(({ times }) => times))}\n`)
await Promise.all(probes.map(async ({ pool }) => await pool.close()))
