// The crowd of the figure `load`: many connections of one launcher that submit, follow output and stream status, some
// of which stop reading. Argument: a Crowd as JSON. It writes `there` when all have connected, begins at the first line
// that it gets, and writes a CrowdCounts after its time.

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'

export interface Crowd {
  readonly socket: string
  /** How long it stays. */
  readonly ms: number
  /** Each submits one job, and again when it was refused. */
  readonly clients: number
  /** Readers of the output of the job `flood`, which has so many bytes. */
  readonly followers: number
  readonly flood: string
  readonly bytes: number
  readonly streams: number
  /** Of the followers and of the status streams, one in so many stops reading. */
  readonly stops: number
}

export interface CrowdCounts {
  readonly accepted: number
  readonly refused: number
  /** Of the followers that read on, how many got everything. */
  readonly served: number
}

const { socket, ms, clients, followers, flood, bytes, streams, stops } = JSON.parse(process.argv[2]!) as Crowd
const agent = new Agent({
  connect: { socketPath: socket },
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 60_000
})
/** Each begins at a moment of its own in the first of so many milliseconds. */
const BEGIN_MS = 2000
const counts = { accepted: 0, refused: 0, served: 0 }

async function ask (path: string, options: Partial<Dispatcher.RequestOptions> = {}): Promise<Dispatcher.ResponseData> {
  const reply = await agent.request({ origin: 'http://launcher', path, method: 'GET', ...options })
  if (reply.statusCode >= 300 && reply.statusCode !== 429) {
    throw new Error(`${path} answered ${reply.statusCode}: ${await reply.body.text()}`)
  }
  return reply
}

async function submits (n: number): Promise<void> {
  await delay(Math.random() * BEGIN_MS)
  for (;;) {
    const { statusCode, headers, body } = await ask('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `client ${n}`, exe: '/bin/true' })
    })
    const job = (await body.json()) as { id: string }
    if (statusCode === 429) {
      counts.refused += 1
      // As clients do that are told when to come again: then, or a little later.
      await delay(Number(headers['retry-after']) * 1000 * (1 + Math.random()))
      continue
    }
    counts.accepted += 1
    return await (await ask(`/v1/jobs/${job.id}/events`)).body.dump({ limit: Infinity })
  }
}

async function follows (index: number): Promise<void> {
  await delay(Math.random() * BEGIN_MS)
  const { body } = await ask(`/v1/jobs/${flood}/output?stream=stdout&follow=true`)
  if (index % stops === 0) return
  let size = 0
  for await (const piece of body) {
    size += (piece as Buffer).length
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
process.stdout.write('there\n')
await once(process.stdin, 'data')
await Promise.race([delay(ms), Promise.all([each(followers, follows), each(clients, submits), delay(ms)])])
process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit())
