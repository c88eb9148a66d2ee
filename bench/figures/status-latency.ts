// Time from a change of a pod to the launcher's event stream, compared with a bare watch in the same process: how much
// later a client of the launcher receives it.

import { setTimeout as delay } from 'node:timers/promises'
import { watch } from '../../plugins/kubernetes/client/watch.ts'
import { LABEL } from '../../plugins/kubernetes/metadata/labels.ts'
import { hollowNode, type HollowPod } from '../../test/fixtures/hollow-node.ts'
import type { Figure, Measurement } from '../figure.ts'
import { hollowCluster, type HollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, onKubernetes } from '../launcher.ts'
import { quantile } from '../statistics.ts'

/** Changes per second, and their number. */
const RATES = [{ rate: 10, samples: 150 }, { rate: 100, samples: 500 }, { rate: 500, samples: 1000 }] as const
const IN_FLIGHT = 16
const TARGET_MS = 10
const POLL_MS = 20

export const statusLatency: Figure = {
  name: 'status-latency',
  about: 'pod changes in the event stream, against a bare watch in the same process',
  async measure ({ progress, profile }) {
    const cluster = await hollowCluster()
    const pods: HollowPod[] = []
    const node = await hollowNode({ ...cluster, onSchedule: pod => { pods.push(pod) } })
    const launcher = await benchLauncher({ settings: onKubernetes(cluster), profile })
    const stop = new AbortController()
    /** When the bare watch and the client of the launcher learned that each job runs. */
    const bare = new Map<string, number>()
    const own = new Map<string, number>()
    const watching = Promise.all([
      (async () => {
        for await (const { id, status } of launcher.client.events({ signal: stop.signal })) {
          if (status === 'Running' && !own.has(id)) own.set(id, performance.now())
        }
      })(),
      watchBare(cluster, bare, stop.signal)
    ]).catch(error => { if (!stop.signal.aborted) throw error })
    const until = async (isTrue: () => boolean): Promise<void> => { while (!isTrue()) await delay(POLL_MS) }

    const measurements: Measurement[] = []
    try {
      const jobs = RATES.reduce((sum, { samples }) => sum + samples, 0)
      let left = jobs
      await Promise.all(
        Array.from({ length: IN_FLIGHT }, async () => {
          while (left-- > 0) {
            await launcher.client.submit({
              name: 'bench',
              command: 'true',
              container: { image: 'localhost/busybox:1' }
            })
          }
        })
      )
      await until(() => pods.length >= jobs)
      for (const { rate, samples } of RATES) {
        const batch = pods.splice(0, samples)
        const before = own.size
        const began = performance.now()
        await Promise.all(batch.map(async (pod, index) => {
          await delay(Math.max(0, began + index * 1000 / rate - performance.now()))
          await node.run(pod)
        }))
        const reached = samples / (performance.now() - began) * 1000
        await until(() => own.size >= before + samples && bare.size >= before + samples)
        const later = Array.from(own).slice(before).map(([id, at]) => at - bare.get(id)!)
        const [p50, p99] = [quantile(later, 0.5), quantile(later, 0.99)]
        measurements.push({
          name: `status-latency/${rate}/10-ms`,
          ratio: p99 / TARGET_MS,
          target: { max: 1 },
          detail: `later than a bare watch: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, at ` +
            `${reached.toFixed(0)} changes/s`
        })
        progress(measurements.at(-1)!.detail)
      }
      return measurements
    } finally {
      stop.abort()
      await watching
      await launcher.end()
      await node.end()
      await cluster.end()
    }
  }
}

async function watchBare (
  { client, namespace }: HollowCluster,
  times: Map<string, number>,
  signal: AbortSignal
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const { metadata } = await client.call<{ metadata: { resourceVersion: string } }>({ method: 'GET', path })
  for await (const events of watch(client, {
    path,
    query: {},
    resourceVersion: metadata.resourceVersion,
    seconds: 3000,
    idleTimeoutMs: 90_000,
    signal
  })) {
    for (const { object } of events) {
      const { metadata, status } = object as unknown as {
        metadata: { labels?: Record<string, string> }
        status?: { phase?: string }
      }
      const id = metadata.labels?.[LABEL.job]
      if (id !== undefined && status?.phase === 'Running' && !times.has(id)) times.set(id, performance.now())
    }
  }
}
