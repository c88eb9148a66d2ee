// A start with 1,000, 5,000 and 10,000 running jobs: time until ready, time until all are adopted, longest block of the
// event loop and peak memory, compared with a bare paged list of the same Jobs and pods with JSON.parse.

import type { Figure, Measurement } from '../figure.ts'
import { hollowCluster, type HollowCluster } from '../hollow-cluster.ts'
import { benchFolder, benchLauncher, blockText, memoryMiB, onKubernetes, type Block } from '../launcher.ts'
import { runningJobs } from '../running-jobs.ts'
import { exponentOf } from '../statistics.ts'

const SIZES = [1000, 5000, 10_000] as const
const PAGE = 500

interface Result {
  readonly size: number
  readonly ready: number
  readonly adopted: number
  readonly block: Block
  readonly peak: number
  readonly bare: number
}

export const adopt: Figure = {
  name: 'adopt',
  about: 'a start with 1,000, 5,000 and 10,000 running jobs, against a bare paged list',
  async measure ({ progress, profile }) {
    const cluster = await hollowCluster()
    const jobs = await runningJobs(cluster)
    const folder = benchFolder()
    const options = { settings: onKubernetes(cluster), folder, probed: true }
    const results: Result[] = []
    let launcher = await benchLauncher(options)
    try {
      for (const size of SIZES) {
        await jobs.upTo(launcher.client, size)
        await launcher.end(true)
        const bare = await bareList(cluster)
        const began = performance.now()
        launcher = await benchLauncher({ ...options, profile })
        const ready = performance.now() - began
        // Discards the block before the launcher was ready, when it could not answer requests.
        await launcher.longestBlock()
        while (!(await launcher.client.readiness()).adopted) {
          /* Repeats until adopted. */
        }
        results.push({
          size,
          ready,
          adopted: performance.now() - began,
          bare,
          block: await launcher.longestBlock(),
          peak: memoryMiB(launcher.pid).peak
        })
        progress(JSON.stringify(results.at(-1)))
      }
      return measurementsOf(results)
    } finally {
      await jobs.end()
      await launcher.end()
      await cluster.end()
    }
  }
}

function measurementsOf (results: readonly Result[]): Measurement[] {
  const { size, ready, adopted, block, peak, bare } = results.at(-1)!
  const all = (of: (one: Result) => string): string => results.map(one => `${one.size} jobs ${of(one)}`).join(', ')
  return [
    {
      name: `adopt/${size}/ready-in-2-s`,
      ratio: ready / 2000,
      target: { max: 1 },
      detail: all(one => `${one.ready.toFixed(0)} ms`)
    },
    {
      name: `adopt/${size}/all-in-10-s`,
      ratio: adopted / 10_000,
      target: { max: 1 },
      detail: all(one => `${one.adopted.toFixed(0)} ms`)
    },
    {
      name: `adopt/${size}/bare-list`,
      ratio: adopted / bare,
      detail: all(one => `bare list ${one.bare.toFixed(0)} ms`)
    },
    {
      name: `adopt/${size}/50-ms-block`,
      ratio: block.ms / 50,
      target: { max: 1 },
      detail: all(one => blockText(one.block))
    },
    {
      name: `adopt/${size}/200-MiB-peak`,
      ratio: peak / 200,
      target: { max: 1 },
      detail: all(one => `${one.peak.toFixed(0)} MiB`)
    },
    {
      name: 'adopt/growth',
      ratio: exponentOf(results.map(({ size, adopted }) => [size, adopted])),
      target: { max: 1.1 },
      detail: 'exponent of the time until all are adopted'
    }
  ]
}

/** Returns the milliseconds for the minimum that any client must do to list all Jobs and pods. */
async function bareList ({ client, namespace }: HollowCluster): Promise<number> {
  const began = performance.now()
  await Promise.all(
    [`/apis/batch/v1/namespaces/${namespace}/jobs`, `/api/v1/namespaces/${namespace}/pods`].map(async path => {
      let page: string | undefined
      do {
        const { metadata } = await client.call<{ metadata: { continue?: string } }>({
          method: 'GET',
          path,
          query: { limit: PAGE, ...(page && { continue: page }) }
        })
        page = metadata.continue
      } while (page !== undefined && page !== '')
    })
  )
  return performance.now() - began
}
