// CPU, wakeups and requests to the API server of an idle launcher with 50 running and 50 ended jobs, in the same minute
// as a process that wakes once a second (Local) or only keeps the two watches open (Kubernetes).

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { HOUR_MS } from '../../launcher/lib/duration.ts'
import { apiProxy } from '../../test/faults/api-proxy.ts'
import type { Figure, FigureContext, Measurement } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, cpuSeconds, onKubernetes, wakeups } from '../launcher.ts'
import { runningJobs } from '../running-jobs.ts'

const RUNNING = 50
/** Longer than the measurement. An interrupted bench leaves its jobs for this time. */
const JOB_SECONDS = 300
const ENDED = 50
const SETTLE_MS = 15_000
const WINDOW_MS = 60_000
const MINUTE_MS = 60_000

export const idle: Figure = {
  name: 'idle',
  about: 'CPU, wakeups and requests of an idle launcher, against a process that only ticks or watches',
  async measure (context) {
    return [...await local(context), ...await kubernetes(context)]
  }
}

async function local ({ profile }: FigureContext): Promise<Measurement[]> {
  const launcher = await benchLauncher({ profile })
  const { client } = launcher
  const ticks = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const stop = new AbortController()
  const following = follow(client.events({ signal: stop.signal }), stop.signal)
  const running: string[] = []
  try {
    for (let n = 0; n < ENDED; n++) await client.ended((await client.submit({ name: 'bench', exe: '/bin/true' })).id)
    for (let n = 0; n < RUNNING; n++) {
      running.push((await client.submit({ name: 'bench', exe: '/bin/sleep', args: [String(JOB_SECONDS)] })).id)
    }
    return against('local', 'a node that ticks once a second', await window(launcher.pid, ticks))
  } finally {
    await Promise.all(running.map(id => client.control(id, 'kill')))
    stop.abort()
    await following
    ticks.kill()
    await launcher.end()
  }
}

async function kubernetes ({ profile }: FigureContext): Promise<Measurement[]> {
  const cluster = await hollowCluster()
  const ends: Array<() => Promise<unknown> | void> = []
  const proxy = await apiProxy({ teardown: end => { ends.push(end as () => Promise<void>) } }, cluster.kubeconfig)
  const jobs = await runningJobs(cluster)
  const launcher = await benchLauncher({
    settings: onKubernetes({ ...cluster, kubeconfig: proxy.kubeconfig }),
    profile
  })
  const watches = spawn(
    process.execPath,
    [join(import.meta.dirname, '../rivals/bare-watches.ts'), cluster.kubeconfig, cluster.namespace],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const stop = new AbortController()
  const following = follow(launcher.client.events({ signal: stop.signal }), stop.signal)
  const asked = (): number => Object.values(proxy.counts).reduce((sum, count) => sum + count, 0)
  try {
    await once(createInterface(watches.stdout), 'line')
    await jobs.upTo(launcher.client, ENDED)
    await jobs.change(launcher.client, ENDED)
    await jobs.upTo(launcher.client, RUNNING)
    let before = 0
    const used = await window(launcher.pid, watches, () => { before = asked() })
    const requests = (asked() - before) * MINUTE_MS / WINDOW_MS
    return [...against('kubernetes', 'two bare watches', used), {
      name: 'idle/kubernetes/requests-a-job',
      ratio: requests / RUNNING,
      detail: `${requests.toFixed(1)} requests to the API server a minute, with ${RUNNING} jobs that run`
    }]
  } finally {
    stop.abort()
    await following
    watches.kill()
    await jobs.end()
    await launcher.end()
    for (const end of ends) await end()
    await cluster.end()
  }
}

/** Reads the events, as a host does. */
async function follow (events: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  const iterator = events[Symbol.asyncIterator]()
  try {
    while (!(await iterator.next()).done) { /* Discards the event. */ }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

interface Used {
  readonly cpuSecondsAnHour: number
  readonly wakeupsAMinute: number
}

/** Measures both processes in the same period. */
async function window (launcher: number, rival: ChildProcess, begins = (): void => {}): Promise<readonly [Used, Used]> {
  await delay(SETTLE_MS)
  const pids = [launcher, rival.pid!] as const
  const now = (): Array<{ cpu: number; woken: number }> =>
    pids.map(pid => ({ cpu: cpuSeconds(pid), woken: wakeups(pid) }))
  const before = now()
  begins()
  await delay(WINDOW_MS)
  const [own, other] = now().map(({ cpu, woken }, index): Used => ({
    cpuSecondsAnHour: (cpu - before[index]!.cpu) * HOUR_MS / WINDOW_MS,
    wakeupsAMinute: (woken - before[index]!.woken) * MINUTE_MS / WINDOW_MS
  }))
  return [own!, other!]
}

function against (cluster: string, rival: string, [own, other]: readonly [Used, Used]): Measurement[] {
  return [{
    name: `idle/${cluster}/cpu`,
    ratio: own.cpuSecondsAnHour / other.cpuSecondsAnHour,
    detail: `${own.cpuSecondsAnHour.toFixed(2)} s of CPU an hour, ${rival} ${other.cpuSecondsAnHour.toFixed(2)} s`
  }, {
    name: `idle/${cluster}/wakeups`,
    ratio: own.wakeupsAMinute / other.wakeupsAMinute,
    detail: `woken ${own.wakeupsAMinute.toFixed(0)} times a minute, ${rival} ${other.wakeupsAMinute.toFixed(0)} times`
  }]
}
