// Makes a history from a seed. A seed always gives one history.

import type { Crash, Phase } from './crash-point.ts'
import type { Deed, Fault } from './fault.ts'
import type { History, PlannedJob } from './history.ts'

export interface Seeded {
  readonly cluster: 'Local' | 'Kubernetes'
  readonly history: History
}

type Random = (below: number) => number

const MOST_JOBS = 4
const MOST_CRASHES = 3
const MOST_FAULTS = 5
/** The approximate number of steps of a job. */
const STEPS = 40
/**
 * Arbitrary numbers, one for each kind of fault that was added later. Each has draws of its own, so that the meaning of
 * earlier seeds stays.
 */
const STRIKES = 0x5DEECE66
const SILENCES = 0x2C1B3C6D
const LOSSES = 0x297A2D39
const PHASES: readonly Phase[] = ['submit', 'run', 'ask', 'end', 'remove']

/** Faults of the launcher's calls; their numbers are drawn each time. */
const FAULTS: ReadonlyArray<(random: Random) => Pick<Fault, 'on' | 'do'>> = [
  () => ({ on: 'POST *', do: 'reset' }),
  () => ({ on: 'POST *', do: 'drop answer' }),
  () => ({ on: 'PATCH *', do: 'drop answer' }),
  () => ({ on: 'DELETE *', do: 'drop answer' }),
  random => ({ on: '*', do: { answer: one([500, 503], random) } }),
  () => ({ on: '*', do: { answer: 429, retryAfter: 1 } }),
  () => ({
    on: 'POST jobs',
    do: { answer: 409, reason: 'Conflict', message: 'Operation cannot be fulfilled on resourcequotas' }
  }),
  random => ({ on: '*', do: { delayMs: random(300) } }),
  random => ({ on: 'WATCH *', do: { lines: random(6), then: one(['cut', 'gone'], random) } satisfies Deed }),
  () => ({ on: 'WATCH *', do: 'replay' }),
  random => ({ on: 'GET pods/NAME/log', do: { lines: random(4), then: 'cut' } satisfies Deed }),
  () => ({ on: '*', do: 'reset all' })
]

const CALLS = ['POST jobs', 'PATCH jobs/NAME', 'DELETE pods/NAME', 'DELETE jobs/NAME', 'LIST pods']
/** Events of pods matter more. */
const WATCHES = ['WATCH jobs', 'WATCH pods', 'WATCH pods']

/** Pure. */
export function seeded (seed: number): Seeded {
  const random = randomFrom(seed)
  const strikes = randomFrom(seed ^ STRIKES)
  const cluster = seed % 2 === 0 ? 'Local' : 'Kubernetes'
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most + 1) }, make)
  return {
    cluster,
    history: {
      jobs: [jobFrom(random, cluster), ...some(MOST_JOBS - 1, () => jobFrom(random, cluster))].map(job =>
        cluster === 'Kubernetes' ? perhapsStruck(job, strikes) : job
      ),
      crashes: some(MOST_CRASHES, () => crashFrom(random)),
      faults: cluster === 'Local'
        ? []
        : [
            ...perhapsFrozen(randomFrom(seed ^ SILENCES)),
            ...perhapsLost(randomFrom(seed ^ LOSSES)),
            ...some(MOST_FAULTS, () => ({ ...one(FAULTS, random)(random), after: random(12), times: 1 + random(3) }))
          ]
    }
  }
}

function jobFrom (random: Random, cluster: Seeded['cluster']): PlannedJob {
  const asks = one<PlannedJob['asks']>(
    [[], [], ['stop'], ['kill'], ['cancel'], ...(cluster === 'Local' ? [['suspend', 'resume'] as const] : [])],
    random
  )
  const ending =
    asks.includes('stop') || asks.includes('kill')
      ? 'never'
      : asks.length > 0
        ? 'signal'
        : one(['itself', 'signal'] as const, random)
  return {
    lines: random(30),
    exitCode: random(7),
    ends: ending,
    asks,
    ...(random(3) === 0 && { stdin: 1 + random(5) }),
    ...(random(3) === 0 && { port: true })
  }
}

function perhapsStruck (job: PlannedJob, random: Random): PlannedJob {
  return job.asks.length === 0 && random(4) === 0 ? { ...job, ends: 'never', podDeleted: true } : job
}

/**
 * A half-open connection. The launcher gives up a call after 30 s and a watch after 90 s, so a history has time for
 * one.
 */
function perhapsFrozen (random: Random): Fault[] {
  if (random(6) > 0) return []
  return random(2) === 0
    ? [{ on: one(CALLS, random), after: random(2), do: 'freeze' }]
    : [openedAnew(random), { on: one(WATCHES, random), do: { lines: random(6), then: 'freeze' } }]
}

function perhapsLost (random: Random): Fault[] {
  return random(4) > 0
    ? []
    : [
        openedAnew(random),
        { on: one(WATCHES, random), times: 1 + random(3), do: { lose: 'DELETED', goneMs: random(2000) } }
      ]
}

/** The watches are already open when a history begins. */
function openedAnew (random: Random): Fault {
  return { on: 'POST *', after: random(3), do: 'reset all' }
}

function crashFrom (random: Random): Crash {
  return {
    ...(random(2) === 0 && { from: one(PHASES, random) }),
    at: '*',
    nth: 1 + random(STEPS),
    ...(random(5) === 0 && { signal: 'SIGTERM' })
  }
}

function one<T> (choices: readonly T[], random: Random): T {
  return choices[random(choices.length)]!
}

/** mulberry32. */
function randomFrom (seed: number): Random {
  let state = seed
  return below => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below)
  }
}
