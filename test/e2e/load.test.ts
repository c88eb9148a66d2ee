// Many clients with a connection each, followers of output and status streams, some of which stop reading, and more
// submissions than may wait. In full size if LOAD_SIZE is full, as in scripts/suites/load.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import t from 'tap'
import { createClient, type ClientJob } from '../../launcher/client/client.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { isEnded } from '../../launcher/model/status.ts'
import { until } from '../fixtures/until.ts'
import { place, start } from './launcher-process.ts'

const size = process.env.LOAD_SIZE === 'full'
  ? { clients: 1000, followers: 300, streams: 200, megabytes: 10 }
  : { clients: 100, followers: 30, streams: 20, megabytes: 10 }
const MAX_WAITING = 20
/** One in this many followers and status streams stops reading. */
const STOPS = 4
const MAX_RESIDENT_MIB = 250
const MEGABYTE = 1_000_000

const block = (n: number): Buffer => Buffer.alloc(MEGABYTE, `${String(n).padStart(9, '0')}\n`)

function residentMiB (pid: number, key: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

function descriptorsOf (pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

t.test(
  `${size.clients} clients, ${size.followers} followers and ${size.streams} status streams are all served correctly, ` +
  'and stalled readers cost little',
  { timeout: 900_000 },
  async t => {
    const here = place(t)
    const { client } = here
    // Renders the conf files. The first start of a checkout also strips the types, in memory that a published launcher
    // does not need.
    const first = await start(t, here)
    first.child.stdin!.end()
    await first.exit
    const conf = join(here.configDir, 'launcher.local.conf')
    writeFileSync(
      conf,
      readFileSync(conf, 'utf8')
        .replace(/^max-waiting-jobs *=.*/m, `max-waiting-jobs = ${MAX_WAITING}`)
        .replace(/^concurrency *=.*/m, 'concurrency = 1')
    )
    const { pid, child } = await start(t, here, { byHand: true })
    t.match(await client.cluster('Local'), { maxWaitingJobs: MAX_WAITING })
    const metrics = async (): Promise<string> =>
      await (await request('http://launcher/metrics', { dispatcher: metricsAgent })).body.text()
    const metricsAgent = new Agent({ connect: { socketPath: here.socket } })
    t.teardown(() => metricsAgent.destroy())
    await metrics()
    // The thread that starts local jobs is created with the first job, and stays.
    const { id: early } = await client.submit({ name: 'first', exe: '/bin/true' })
    await client.ended(early)
    await client.remove(early)
    const before = descriptorsOf(pid)

    const go = join(here.folder, 'go')
    const expected = createHash('sha256')
    for (let n = 0; n < size.megabytes; n++) expected.update(block(n))
    const hash = expected.digest('hex')
    const flood = await client.submit({
      name: 'floods',
      exe: process.execPath,
      args: ['-e', `
      const fs = require('node:fs')
      for (let n = 0; n < ${size.megabytes}; n++) {
        fs.writeSync(1, Buffer.alloc(${MEGABYTE}, String(n).padStart(9, '0') + '\\n'))
      }
      setInterval(() => { if (fs.existsSync('${go}')) process.exit(0) }, 100)
    `]
    })

    // Each stream continues reading on request, or never stops.
    const proceed = Promise.withResolvers<void>()
    const stops = (index: number): Promise<void> | undefined => index % STOPS === 0 ? proceed.promise : undefined
    const following = Promise.all(Array.from({ length: size.followers }, async (_, index) => {
      const seen = createHash('sha256')
      for await (const chunk of client.output(flood.id, { stream: 'stdout', follow: true })) {
        await stops(index)
        seen.update(chunk)
      }
      return seen.digest('hex')
    }))
    const ended = new AbortController()
    const streams = Array.from({ length: size.streams }, () => new Map<string, ClientJob[]>())
    const streaming = Promise.all(streams.map(async (seen, index) => {
      try {
        for await (const job of client.events({ signal: ended.signal })) {
          await stops(index)
          seen.set(job.id, [...seen.get(job.id) ?? [], job])
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error
      }
    }))

    const times: number[] = []
    const probed = new AbortController()
    const probe = (async () => {
      const own = createClient({ address: here.socket })
      while (!probed.signal.aborted) {
        const began = performance.now()
        const job = await own.get(flood.id)
        times.push(performance.now() - began)
        if (job.name !== 'floods') throw new Error(`the stream has another job: ${JSON.stringify(job)}`)
      }
      await own.close()
    })()

    const clients = Array.from({ length: size.clients }, () => createClient({ address: here.socket }))
    t.teardown(() => Promise.all(clients.map(own => own.close())))
    let refusals = 0
    t.ok(
      (await Promise.all(clients.map(own => own.readiness()))).every(({ ready }) => ready),
      'each client is answered on its own connection'
    )
    const outcomes = await Promise.all(
      clients.map(async (own, n) => {
        try {
          const job = await own.submit({ name: `client ${n}`, command: `echo ${n}; exit ${n % 7}` })
          return { job, n }
        } catch (error) {
          if (!isLauncherError(error, 'TooManyWaiting')) throw error
          refusals += 1
          t.match(error.details, { maxWaitingJobs: MAX_WAITING, retryAfterSeconds: 1 })
          return undefined
        }
      })
    )
    const accepted = outcomes.filter(outcome => outcome !== undefined)
    t.ok(refusals > 0 && accepted.length >= MAX_WAITING, `${accepted.length} were accepted and ${refusals} refused`)
    await Promise.all(
      accepted.map(async ({ job, n }) => {
        t.match(await clients[n]!.ended(job.id), { name: `client ${n}`, status: 'Finished', exitCode: n % 7 })
        const pieces = []
        for await (const piece of clients[n]!.output(job.id, { stream: 'stdout' })) pieces.push(piece)
        t.equal(Buffer.concat(pieces).toString(), `${n}\n`)
      })
    )
    const text = await metrics()
    t.match(
      text,
      `job_launcher_submissions_total{cluster="Local",outcome="waiting_full"} ${refusals}\n`,
      'each refusal is counted'
    )
    t.match(
      text,
      `job_launcher_submissions_total{cluster="Local",outcome="accepted"} ${accepted.length + 2}\n`,
      'with the first and the flood'
    )

    writeFileSync(go, '')
    await client.ended(flood.id)
    const streamed = size.megabytes * size.followers
    const peak = residentMiB(pid, 'VmHWM')
    t.comment(
      `resident memory: ${Math.round(residentMiB(pid, 'VmRSS'))} MiB, at most ${Math.round(peak)} MiB, for ` +
      `${streamed} MB that were followed`
    )
    t.ok(peak < MAX_RESIDENT_MIB, `resident memory was at most ${Math.round(peak)} MiB`)
    t.ok(streamed > MAX_RESIDENT_MIB)
    probed.abort()
    await probe
    times.sort((a, b) => a - b)
    t.comment(
      `GET /v1/jobs/{id} meanwhile, in a busy client: ${times.length} times, p50 ` +
      `${times[times.length >> 1]!.toFixed(1)} ms, p99 ${times[Math.floor(times.length * 0.99)]!.toFixed(1)} ms`
    )

    proceed.resolve()
    t.strictSame(
      await following,
      Array(size.followers).fill(hash),
      'every follower has every byte, the ones that stopped for a while too'
    )
    const ids = [...accepted.map(({ job }) => job.id), flood.id].sort()
    const hasAll = (seen: Map<string, ClientJob[]>): boolean =>
      ids.every(id => isEnded(seen.get(id)?.at(-1)?.status ?? 'Pending'))
    await until(() => streams.every(hasAll), 50)
    ended.abort()
    await streaming
    const endsOf = (jobs: readonly ClientJob[]): number => jobs.filter(({ status }) => isEnded(status)).length
    t.ok(
      streams.every(seen => seen.size === ids.length && [...seen.values()].every(jobs => endsOf(jobs) === 1)),
      'every stream reported the end of every job once, and of no other job'
    )

    await Promise.all([...clients.map(own => own.close()), client.close()])
    await until(() => descriptorsOf(pid) <= before, 50)
    t.equal(child.exitCode, null, 'it lives, and has closed what was opened')
  })
