// Plays a history on a stage: submits its jobs, requests its operations, and returns what was observed of each job.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError } from '../../launcher/errors.ts'
import type { ClientJob } from '../../launcher/client/client.ts'
import type { Operation } from '../../launcher/plugin.ts'
import { freezes, type Fault } from './fault.ts'
import type { History, PlannedJob } from './history.ts'
import type { SeenJob } from './invariants.ts'
import type { Stage } from './stage.ts'
import { outputOf } from './world.ts'

/** Errors after which a host retries. */
const PASSING = [
  'LauncherUnreachable',
  'ShuttingDown',
  'ClusterUnavailable',
  'RequestTimeout',
  'TooManyWaiting',
  'StoreUnavailable',
  'DiskFull'
]
const AGAIN_MS = 10
/** A watch that falls silent takes 90 s of it. */
const LIVES_MS = 300_000
/** However long the lives took. */
const READ_TIMEOUT_MS = 120_000

export interface Played {
  readonly jobs: readonly SeenJob[]
  /** Listed jobs that the test did not submit. */
  readonly foreign: readonly string[]
  /** Replies that no host expects. */
  readonly surprises: readonly string[]
}

let stories = 0
const never = new Promise<never>(() => {})

/** Removes all jobs at the end. Does not wait for what takes too long: those jobs count as not ended. */
export async function play ({ jobs: planned, crashes, faults = [] }: History, stage: Stage): Promise<Played> {
  const { world, here: { client } } = stage
  const number = stories++
  const surprises: string[] = []
  const lived = AbortSignal.timeout(LIVES_MS)
  world.play(faults)
  const killsBefore = stage.kills
  stage.expect(crashes)

  const lives = await Promise.all(planned.map(async (job, index) => {
    const key = `job-${process.pid}-${number}-${index}`
    const events: ClientJob[] = []
    const text = { followed: '' }
    const id = await live(job, key, index === 0, events, text).catch(error => {
      surprises.push(`${key}: ${lived.aborted ? 'it took too long' : (error as Error).stack}`)
      return events[0]?.id ?? key
    })
    return { key, id, planned: job, events, text }
  }))

  const timeout = AbortSignal.timeout(READ_TIMEOUT_MS)
  const listed = new Map<string, number>()
  await surely(timeout, async () => {
    listed.clear()
    for await (const { id } of client.list()) listed.set(id, (listed.get(id) ?? 0) + 1)
  })
  const seen = await Promise.all(lives.map(async (life): Promise<SeenJob> => {
    const { key, id, planned, events, text: { followed } } = life
    const last = await surely(timeout, () => client.get(id)).catch(() => undefined)
    const kept = last === undefined ? '' : await surely(timeout, () => textOf(client.output(id, { stream: 'stdout' })))
    return {
      id,
      planned,
      events,
      last,
      unseen: stage.kills > killsBefore || faults.some(losesNews),
      listed: listed.get(id) ?? 0,
      runs: world.runs(key),
      written: writtenBy(key, planned, last, kept),
      followed,
      kept
    }
  }))
  stage.reach('remove')
  await Promise.all(
    seen
      .filter(({ last }) => last !== undefined)
      .map(({ id }) =>
        remove(id).catch(error => {
          surprises.push(`${id} cannot be removed: ${(error as Error).message}`)
        })
      )
  )
  const ids = new Set(lives.map(({ id }) => id))
  return { jobs: seen, foreign: [...listed.keys()].filter(id => !ids.has(id)), surprises }

  /** Resolves with the job's id when the job has ended. */
  async function live (
    job: PlannedJob,
    key: string,
    first: boolean,
    events: ClientJob[],
    text: { followed: string }
  ): Promise<string> {
    const reach: Stage['reach'] = phase => {
      if (first) stage.reach(phase)
    }
    reach('submit')
    const submission = world.submission(key, job)
    const { id } = await surely(lived, () => client.submit(submission, { idempotencyKey: key }))
    const running = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    const ended = toTheEnd(() => client.events({ id, signal: lived }), seen => {
      events.push(seen)
      if (seen.status === 'Running') running.resolve()
    }).then(running.resolve)
    const output = outputOf(key, job)
    if (output === '') written.resolve()
    const followed = toTheEnd(
      () => client.output(id, { stream: 'stdout', from: text.followed.length, follow: true, signal: lived }),
      piece => {
        text.followed += Buffer.from(piece).toString()
        if (text.followed.length >= output.length) written.resolve()
      }
    ).then(written.resolve)
    const failed = Promise.all([ended, followed]).then(
      () => never,
      (error: unknown) => {
        throw error
      }
    )
    failed.catch(() => {})
    if (job.asks[0] === 'cancel') {
      reach('ask')
      await ask(id, 'cancel')
    }
    await Promise.race([running.promise, failed])
    reach('run')
    await Promise.race([written.promise, failed])
    for (const operation of job.asks) {
      if (operation === 'cancel') continue
      reach('ask')
      await ask(id, operation)
    }
    reach('end')
    if (job.ends === 'signal') world.signal(key)
    if (job.podDeleted === true) await world.deletePod!(key)
    await Promise.all([ended, followed])
    return id
  }

  /** Opens the stream again if the client gives up: on a busy machine a launcher may be slow to start. */
  async function toTheEnd<T> (open: () => AsyncIterable<T>, take: (piece: T) => void): Promise<void> {
    await surely(lived, async () => { for await (const piece of open()) take(piece) })
    lived.throwIfAborted()
  }

  /** A refusal is correct if an earlier try may have been carried out, or if the job may have changed meanwhile. */
  async function ask (id: string, operation: Operation): Promise<void> {
    let tries = 0
    await surely(lived, async () => {
      tries += 1
      try {
        await client.control(id, operation)
      } catch (error) {
        if (!isLauncherError(error, 'InvalidJobState') || (tries === 1 && operation !== 'cancel')) throw error
      }
    })
  }

  async function remove (id: string): Promise<void> {
    await surely(timeout, async () => {
      try {
        await client.remove(id)
      } catch (error) {
        if (!isLauncherError(error, 'JobNotFound')) throw error
      }
    })
  }

  async function surely<T> (until: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (until.aborted || !isPassing(error)) throw error
        await delay(AGAIN_MS)
      }
    }
  }
}

/** A program that a cancel met at its start may have been ended at any line. */
function writtenBy (key: string, planned: PlannedJob, last: ClientJob | undefined, kept: string): string {
  if (last?.status === 'Canceled') return ''
  const all = outputOf(key, planned)
  return last?.status === 'Killed' && planned.asks[0] === 'cancel' && all.startsWith(kept) ? kept : all
}

/** Whether changes are not reported meanwhile, or reported long after their objects are gone. */
function losesNews (fault: Fault): boolean {
  const { on, do: deed } = fault
  if (on.startsWith('WATCH') && freezes(fault)) return true
  return typeof deed === 'object' && ('lose' in deed || ('then' in deed && deed.then === 'gone'))
}

function isPassing (error: unknown): boolean {
  return isLauncherError(error) && PASSING.includes(error.code)
}

async function textOf (pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all).toString()
}
