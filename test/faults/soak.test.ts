// Jobs and faults without a pause for SOAK_SECONDS (by default 60), on one launcher that is never killed. It holds no
// more at the end than when it was warm. By hand: SOAK_SECONDS=1800 scripts/test --faults test/faults/soak.test.ts

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'
import type { ApiProxy } from './api-proxy.ts'
import { brokenBy, endStage, noFaults } from './check.ts'
import { freezes } from './fault.ts'
import type { History } from './history.ts'
import { hollowCluster, hollowWorld, noHollow, testHollowCluster } from './hollow-world.ts'
import { localWorld } from './local-world.ts'
import { seeded, type Seeded } from './seeded.ts'
import { openStage, type Stage } from './stage.ts'
import type { World } from './world.ts'

const SECONDS = Number(process.env.SOAK_SECONDS ?? 60)
/** The part of that time after which the launcher counts as warm. */
const WARM_PART = 0.3
/** Number of seeds played at once. */
const TOGETHER = 4
const WATCHES = ['WATCH jobs', 'WATCH pods']
const SETTLE_MS = 30_000
const POLL_MS = 500
/** Tolerance for garbage and fragmented memory. */
const SLACK_MIB = 40
const MIB = 2 ** 20
/** Node's name for a connection of a Unix socket. */
const PIPE = 'PipeWrap'
/** Resources that end in the next event-loop iteration. */
const PASSING = 'Immediate'

/** What an idle launcher holds, without the connections of its clients. */
interface Usage {
  readonly residentMiB: number
  readonly descriptors: number
  /** By type: sockets, timers, file system events, requests. */
  readonly resources: Readonly<Record<string, number>>
  /** Requests to the API server in progress. */
  readonly requests: readonly string[]
}

t.test(
  `after ${SECONDS} s of jobs and faults a launcher uses no more than when it was warm`,
  { skip: noFaults, timeout: (SECONDS + 300) * 1000 },
  async t => {
    t.jobs = 2
    t.test('soak: Local', { buffered: true, timeout: (SECONDS + 240) * 1000 }, t => soak(t, 'Local', localWorld(t)))
    t.test('soak: Kubernetes', { buffered: true, skip: noHollow, timeout: (SECONDS + 240) * 1000 }, async t => {
      const cluster = await hollowCluster(await testHollowCluster(t))
      t.teardown(() => cluster.end())
      const world = await hollowWorld(t, cluster)
      await soak(t, 'Kubernetes', world, world.proxy)
    })
  }
)

async function soak (t: Test, cluster: Seeded['cluster'], world: World, proxy?: ApiProxy): Promise<void> {
  const stage = await openStage(t, world)
  const broken: string[] = []
  let seed = 0
  let jobs = 0

  async function playUntil (end: number): Promise<void> {
    do {
      const history = together(cluster, seed)
      seed += TOGETHER
      jobs += history.jobs.length
      broken.push(...await brokenBy(history, stage))
    } while (performance.now() < end)
  }

  const begun = performance.now()
  await playUntil(begun + SECONDS * 1000 * WARM_PART)
  const warm = await settledUsage(stage, proxy)
  await playUntil(begun + SECONDS * 1000)
  const last = await settledUsage(stage, proxy, warm)
  t.comment(`${jobs} jobs, ${world.faults()} faults; warm ${JSON.stringify(warm)}, at the end ${JSON.stringify(last)}`)
  t.strictSame(broken, [])
  t.equal(stage.kills, 0, 'it was one launcher')
  t.ok(usesNoMore(last, warm), `at the end ${JSON.stringify(last)}, warm ${JSON.stringify(warm)}`)
  await endStage(t, stage)
}

/**
 * The plans of the next seeds of this cluster as one history, without a kill and without half-open connections, which
 * would delay all jobs for up to 90 s.
 */
function together (cluster: Seeded['cluster'], from: number): History {
  const parity = cluster === 'Local' ? 0 : 1
  const histories = Array.from({ length: TOGETHER }, (_, n) => seeded(2 * (from + n) + parity).history)
  return {
    jobs: histories.flatMap(({ jobs }) => jobs),
    crashes: [],
    faults: histories.flatMap(({ faults = [] }) => faults).filter(fault => !freezes(fault))
  }
}

function usesNoMore (now: Usage, before: Usage): boolean {
  return now.residentMiB <= before.residentMiB + SLACK_MIB &&
    now.descriptors <= before.descriptors &&
    Object.entries(now.resources).every(
      ([type, count]) => type === PASSING || count <= (before.resources[type] ?? 0)
    ) &&
    now.requests.join() === before.requests.join()
}

/**
 * Measures once all work in progress has ended. With `before` it waits until no more is held than then, or until too
 * much time has passed.
 */
async function settledUsage ({ here: { socket } }: Stage, proxy: ApiProxy | undefined, before?: Usage): Promise<Usage> {
  const until = performance.now() + SETTLE_MS
  proxy?.play([])
  proxy?.cut()
  for (;;) {
    await delay(POLL_MS)
    const now = { ...await measure(socket), requests: proxy?.underWay ?? [] }
    const stands = proxy === undefined || now.requests.join() === WATCHES.join()
    const settled = before === undefined ? performance.now() > until - SETTLE_MS / 2 : usesNoMore(now, before)
    if ((stands && settled) || performance.now() > until) return now
  }
}

async function measure (socketPath: string): Promise<Omit<Usage, 'requests'>> {
  const dispatcher = new Agent({ connect: { socketPath } })
  const text = await (await request('http://launcher/metrics', { dispatcher })).body.text()
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)![1])
  const clients = clientsOf(socketPath)
  await dispatcher.close()
  const resources = Array.from(
    text.matchAll(/^nodejs_active_resources\{type="(\w+)"\} (\d+)$/gm),
    ([, type, count]) => [type!, Number(count) - (type === PIPE ? clients : 0)] as const
  )
  return {
    residentMiB: Math.round(value('process_resident_memory_bytes') / MIB),
    descriptors: value('process_open_fds') - clients,
    resources: Object.fromEntries(resources)
  }
}

/** The launcher's ends of connections: the client decides how long an idle connection stays open. */
function clientsOf (socketPath: string): number {
  return readFileSync('/proc/net/unix', 'utf8').split('\n').filter(line => line.endsWith(` ${socketPath}`)).length
}
