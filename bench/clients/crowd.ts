// The crowd of the figure `load`: many connections to one launcher that submit, follow output and stream status. Some
// of them stop reading. Argument: a Crowd as JSON. Writes `ready` once all have connected, begins at the first line of
// input, and writes a CrowdCounts at the end.

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'

export interface Crowd {
  readonly socket: string
  /** Duration in milliseconds. */
  readonly ms: number
  /** Number of clients. Each submits one job, and retries if it was rejected. */
  readonly clients: number
  /** Number of readers of the output of the job `flood`, which has `bytes` bytes. */
  readonly followers: number
  readonly flood: string
  readonly bytes: number
  readonly streams: number
  /** One in `stops` followers and status streams stops reading. */
  readonly stops: number
}

export interface CrowdCounts {
  readonly accepted: number
  readonly refused: number
  /** Number of followers that did not stop reading and received everything. */
  readonly served: number
}

const { socket, ms, clients, followers, flood, bytes, streams, stops } = JSON.parse(process.argv[2]!) as Crowd
const agent = new Agent({
  connect: { socketPath: socket },
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 60_000
})
/** Each begins at a random time in the first milliseconds of this number. */
const RAMP_UP_MS = 2000
const counts = { accepted: 0, refused: 0, served: 0 }

async function ask (path: string, options: Partial<Dispatcher.RequestOptions> = {}): Promise<Dispatcher.ResponseData> {
  const reply = await agent.request({ origin: 'http://launcher', path, method: 'GET', ...options })
  if (reply.statusCode >= 300 && reply.statusCode !== 429) {
    throw new Error(`${path} answered ${reply.statusCode}: ${await reply.body.text()}`)
  }
  return reply
}

async function submits (n: number): Promise<void> {
  await delay(Math.random() * RAMP_UP_MS)
  for (;;) {
    const { statusCode, headers, body } = await ask('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `client ${n}`, exe: '/bin/true' })
    })
    const job = (await body.json()) as { id: string }
    if (statusCode === 429) {
      counts.refused += 1
      // Retry after the time that the reply gives, or a little later.
      await delay(Number(headers['retry-after']) * 1000 * (1 + Math.random()))
      continue
    }
    counts.accepted += 1
    return await (await ask(`/v1/jobs/${job.id}/events`)).body.dump({ limit: Infinity })
  }
}

async function follows (index: number): Promise<void> {
  await delay(Math.random() * RAMP_UP_MS)
  const { body } = await ask(`/v1/jobs/${flood}/output?stream=stdout&follow=true`)
  if (index % stops === 0) return
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size === bytes) break
  }
  counts.served += 1
}

async function streamsStatus (index: number): Promise<void> {
  const { body } = await ask('/v1/jobs/events')
  if (index % stops !== 0) body.on('error', () => {}).resume()
}

const each = async (count: number, work: (index: number) => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}

await each(clients, async () => await (await ask('/health/live')).body.dump())
await each(streams, streamsStatus)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
await Promise.race([delay(ms), Promise.all([each(followers, follows), each(clients, submits), delay(ms)])])
process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit())
