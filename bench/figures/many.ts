// Calls that concern many jobs at once: an array against as many submissions, counts and a page of the list with
// 10,000 jobs, and long polls against streams of events.

import { once } from 'node:events'
import { request, type ClientRequest } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Figure, Measurement } from '../figure.ts'
import { fillStore } from '../fill-store.ts'
import { benchFolder, benchLauncher, cpuSeconds, memoryMiB } from '../launcher.ts'
import { byTurns, perSecond, QUICK_ROUNDS, ROUNDS } from '../rounds.ts'
import { shown } from '../statistics.ts'

const ARRAY = 1000
const AT_ONCE = 16
const STORED = 10_000
const READINGS = 100
const WAITING = 1000
const SETTLE_MS = 3000
/** Milliseconds of CPU for one reading. */
const READING = { '/v1/jobs/summary': 'summary', '/v1/jobs?limit=100': 'page' } as const
const MOST_MS = 20

export const many: Figure = {
  name: 'many',
  about: 'an array against single submissions; counts and a page with 10,000 jobs; long polls against streams',
  async measure (context) {
    return [await arrays(context), ...await readings(context), await waiting(context)]
  }
}

async function arrays ({ profile, quick }: Parameters<Figure['measure']>[0]): Promise<Measurement> {
  // One start at a time, so that the programs leave the launcher its core.
  const launcher = await benchLauncher({ settings: { LocalConcurrency: '1' }, profile })
  const { client } = launcher
  const submission = { name: 'bench', exe: '/bin/true' }
  const thenEnd = async (rate: number): Promise<number> => {
    await client.controlMatching('cancel', 'all').catch(() => {})
    while ((await client.controlMatching('cancel', 'all')).jobs.length > 0) await delay(100)
    return rate
  }
  try {
    const { array, single } = await byTurns({
      array: async () => thenEnd(
        ARRAY * await perSecond(() => client.submitArray(submission, ARRAY), { times: 1, inFlight: 1 })
      ),
      single: async () => thenEnd(
        await perSecond(() => client.submit(submission), { times: ARRAY, inFlight: AT_ONCE })
      )
    }, quick ? QUICK_ROUNDS : ROUNDS)
    return {
      name: 'many/array/single',
      ratio: array.median / single.median,
      target: { min: 5 },
      detail: `accepted: an array of ${ARRAY} ${shown(array)} jobs/s, single ones ${shown(single)}/s`
    }
  } finally {
    await launcher.end()
  }
}

async function readings ({ profile }: Parameters<Figure['measure']>[0]): Promise<Measurement[]> {
  const folder = benchFolder()
  await fillStore(join(folder, 'scratch'), STORED)
  const launcher = await benchLauncher({ folder, profile })
  try {
    const measurements: Measurement[] = []
    for (const [path, name] of Object.entries(READING)) {
      const read = async (): Promise<void> => {
        const sent = request({ socketPath: launcher.socket, path }).end()
        const [reply] = await once(sent, 'response')
        await once(reply.resume(), 'end')
      }
      for (let warm = 0; warm < READINGS; warm++) await read()
      const before = cpuSeconds(launcher.pid)
      for (let times = 0; times < READINGS; times++) await read()
      const ms = (cpuSeconds(launcher.pid) - before) / READINGS * 1000
      measurements.push({
        name: `many/${name}/cpu`,
        ratio: ms / MOST_MS,
        target: { max: 1 },
        detail: `${ms.toFixed(2)} ms of CPU for GET ${path} with ${STORED} jobs, ${MOST_MS} ms at most`
      })
    }
    return measurements
  } finally {
    await launcher.end()
  }
}

async function waiting ({ profile }: Parameters<Figure['measure']>[0]): Promise<Measurement> {
  const kib = { polls: 0, streams: 0 }
  for (const [kind, rest, accept] of [
    ['polls', '?wait=ended&timeoutSeconds=300', '*/*'], ['streams', '/events', 'text/event-stream']
  ] as const) {
    const launcher = await benchLauncher({ profile })
    const { id } = await launcher.client.submit({ name: 'bench', command: 'sleep 600' })
    for await (const { status } of launcher.client.events({ id })) if (status === 'Running') break
    const open: ClientRequest[] = []
    try {
      await delay(SETTLE_MS)
      const before = memoryMiB(launcher.pid).resident
      for (let each = 0; each < WAITING; each++) {
        const sent = request({
          socketPath: launcher.socket, path: `/v1/jobs/${id}${rest}`, headers: { accept }, agent: false
        })
        sent.on('response', reply => reply.resume()).on('error', () => {})
        open.push(sent.end())
        if (each % 100 === 0) await delay(50)
      }
      await delay(SETTLE_MS)
      kib[kind] = (memoryMiB(launcher.pid).resident - before) * 1024 / WAITING
    } finally {
      for (const sent of open) sent.destroy()
      await launcher.client.control(id, 'kill')
      await launcher.end()
    }
  }
  return {
    name: 'many/polls/streams',
    ratio: kib.polls / kib.streams,
    target: { max: 1 },
    detail: `${WAITING} at once: a long poll ${kib.polls.toFixed(1)} KiB, a stream ${kib.streams.toFixed(1)} KiB`
  }
}
