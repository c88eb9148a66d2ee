// What running jobs cost that write nothing, with their output in the logs of the nodes and in the data of the host:
// requests to the API server, CPU and memory of the launcher.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apiProxy } from '../../test/faults/api-proxy.ts'
import type { Figure, FigureContext, Measurement } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, cpuSeconds, memoryMiB, onKubernetes } from '../launcher.ts'
import { runningJobs } from '../running-jobs.ts'

const JOBS = Number(process.env.BENCH_QUIET_JOBS ?? 10_000)
const QUICK_JOBS = 500
/** The launcher has handled all changes of the pods by then, also on a busy machine. */
const SETTLE_MS = 60_000
const WINDOW_MS = 60_000

interface Cost {
  readonly requestsAMinute: number
  /** Share of a core. */
  readonly cpu: number
  readonly kibAJob: number
}

export const quiet: Figure = {
  name: 'quiet',
  about: 'requests, CPU and memory for running jobs that write nothing: output in the data against the nodes',
  async measure (context) {
    const jobs = context.quick ? QUICK_JOBS : JOBS
    const node = await costOf(jobs, 'node', context)
    const data = await costOf(jobs, 'data', context)
    const compare = (what: string, value: (cost: Cost) => number, unit: string): Measurement => ({
      name: `quiet/${what}`,
      ratio: value(data) / value(node),
      detail: `${jobs} jobs: data ${value(data).toFixed(2)} ${unit}, node ${value(node).toFixed(2)} ${unit}`
    })
    return [
      compare('requests', cost => cost.requestsAMinute, 'requests a minute'),
      compare('cpu', cost => 100 * cost.cpu, '% of a core'),
      compare('memory', cost => cost.kibAJob, 'KiB a job')
    ]
  }
}

async function costOf (count: number, output: string, { progress, profile }: FigureContext): Promise<Cost> {
  const cluster = await hollowCluster()
  const data = mkdtempSync(join(tmpdir(), 'bench-data-'))
  const ends: Array<() => Promise<unknown> | void> = []
  const proxy = await apiProxy({ teardown: end => { ends.push(end as () => Promise<void>) } }, cluster.kubeconfig)
  const jobs = await runningJobs(cluster)
  const launcher = await benchLauncher({
    settings: {
      ...onKubernetes({ ...cluster, kubeconfig: proxy.kubeconfig }), DataDir: data, KubernetesOutput: output
    },
    profile
  })
  const asked = (): number => Object.values(proxy.counts).reduce((sum, count) => sum + count, 0)
  try {
    const empty = memoryMiB(launcher.pid).resident
    await jobs.upTo(launcher.client, count)
    await delay(SETTLE_MS)
    const before = { asked: asked(), cpu: cpuSeconds(launcher.pid) }
    await delay(WINDOW_MS)
    const cost = {
      requestsAMinute: (asked() - before.asked) * 60_000 / WINDOW_MS,
      cpu: (cpuSeconds(launcher.pid) - before.cpu) / (WINDOW_MS / 1000),
      kibAJob: (memoryMiB(launcher.pid).resident - empty) * 1024 / count
    }
    progress(`${output}: ${JSON.stringify(cost)}`)
    return cost
  } finally {
    await jobs.end()
    await launcher.end()
    for (const end of ends) await end()
    await cluster.end()
    rmSync(data, { recursive: true, force: true })
  }
}
