// CPU of the launcher for one reading of the usage of all jobs on Kubernetes, against a reading for each of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, onKubernetes } from '../launcher.ts'
import { metricsServer } from '../metrics-server.ts'
import { runningJobs } from '../running-jobs.ts'
import { measurementsOf, usageCost } from '../usage-cost.ts'

const JOBS = Number(process.env.BENCH_USAGE_JOBS ?? 10_000)
const QUICK_JOBS = 500

export const usageKubernetes: Figure = {
  name: 'usage-kubernetes',
  about: 'CPU for one reading of the usage of 10,000 jobs on Kubernetes; a reading for each of them',
  async measure ({ progress, profile, quick }) {
    const count = quick ? QUICK_JOBS : JOBS
    const cluster = await hollowCluster()
    // Following logs costs more than what is measured.
    const data = mkdtempSync(join(tmpdir(), 'bench-data-'))
    const launcher = await benchLauncher({
      settings: { ...onKubernetes(cluster), DataDir: data, KubernetesOutput: 'data' }, profile
    })
    const jobs = await runningJobs(cluster)
    try {
      await jobs.upTo(launcher.client, count)
      const metrics = await metricsServer(cluster)
      try {
        const cost = await usageCost(launcher, count)
        progress(JSON.stringify(cost))
        return measurementsOf('usage-kubernetes', count, cost)
      } finally {
        await metrics.end()
      }
    } finally {
      await jobs.end()
      await launcher.end()
      await cluster.end()
      rmSync(data, { recursive: true, force: true })
    }
  }
}
