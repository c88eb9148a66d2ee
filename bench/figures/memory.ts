// Resident memory with 1,000, 3,000 and 10,000 running jobs on Kubernetes, idle and while jobs end and start.

import { setTimeout as delay } from 'node:timers/promises'
import type { Figure, Measurement } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, blockText, memoryMiB, onKubernetes, type Block } from '../launcher.ts'
import { runningJobs } from '../running-jobs.ts'
import { exponentOf } from '../statistics.ts'

const SIZES = [1000, 3000, 10_000] as const
const CHANGES = 500
const SETTLE_MS = 15_000
const TARGET_MIB = 200

export const memory: Figure = {
  name: 'memory',
  about: 'resident memory with 1,000, 3,000 and 10,000 running jobs on Kubernetes, and its growth',
  async measure ({ progress, profile }) {
    const cluster = await hollowCluster()
    const launcher = await benchLauncher({ settings: onKubernetes(cluster), profile, probed: true })
    const jobs = await runningJobs(cluster)
    const empty = memoryMiB(launcher.pid).resident
    const results: Array<{ size: number, idle: number, changing: number, block: Block }> = []
    try {
      for (const size of SIZES) {
        await jobs.upTo(launcher.client, size)
        await delay(SETTLE_MS)
        const idle = memoryMiB(launcher.pid).resident
        await launcher.longestBlock()
        await jobs.change(launcher.client, CHANGES)
        results.push({ size, idle, changing: memoryMiB(launcher.pid).resident, block: await launcher.longestBlock() })
        progress(JSON.stringify(results.at(-1)))
      }
      const last = results.at(-1)!
      const sizes = results
        .map(
          ({ size, idle, changing }) => `${size} jobs ${idle.toFixed(0)} MiB idle, ${changing.toFixed(0)} MiB changing`
        )
        .join('; ')
      return [
        {
          name: 'memory/10000/200-MiB',
          ratio: last.idle / TARGET_MIB,
          target: { max: 1 },
          detail: `${empty.toFixed(0)} MiB without jobs; ${sizes}`
        },
        {
          name: 'memory/10000/changing',
          ratio: last.changing / TARGET_MIB,
          target: { max: 1 },
          detail: `${(((last.idle - empty) * 1024) / last.size).toFixed(1)} KiB a job`
        },
        {
          name: 'memory/10000/50-ms-block',
          ratio: last.block.ms / 50,
          target: { max: 1 },
          detail: `event loop blocked at most ${blockText(last.block)} while jobs ended and started`
        },
        {
          name: 'memory/growth',
          ratio: exponentOf(results.map(({ size, idle }) => [size, Math.max(1, idle - empty)])),
          target: { max: 1.1 },
          detail: 'exponent of the memory that jobs add'
        }
      ] satisfies Measurement[]
    } finally {
      await jobs.end()
      await launcher.end()
      await cluster.end()
    }
  }
}
