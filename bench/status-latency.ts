// From a pod's change to the launcher's event stream, beside a bare watch in the same process: how much later a client of
// the launcher learns it. Then the memory of a launcher with 1,000 running jobs. On a hollow cluster with a hollow node.

import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../launcher/client/client.ts'
import { startLauncher } from '../launcher/supervise/start-launcher.ts'
import { watch } from '../plugins/kubernetes/client/watch.ts'
import { LABEL } from '../plugins/kubernetes/labels.ts'
import { hollowCluster } from './hollow-cluster.ts'
import { hollowNode, type HollowPod } from './hollow-node.ts'

const JOBS = 1000
const RATES = [10, 100, 500]
const SAMPLES = 250

const cluster = await hollowCluster()
const folder = await mkdtemp(join(tmpdir(), 'bench-'))
const settings = join(folder, 'host.gcfg')
await writeFile(settings, `[Launcher]\nConfigDir = ${folder}/conf\nScratchPath = ${folder}/scratch\nLogLevel = warn\nLocal = false\nKubernetes = true\nKubernetesNamespace = ${cluster.namespace}\nKubeconfig = ${cluster.kubeconfig}\n`)
const pods: HollowPod[] = []
const node = await hollowNode(cluster.client, cluster.folder, pod => { pods.push(pod) })
const launcher = await startLauncher({ settings })
const client = createClient({ address: launcher.ready.address })
const stop = new AbortController()

/** When each job was seen to run: by the bare watch, and by the client of the launcher. */
const bare = new Map<string, number>()
const told = new Map<string, number>()
const watching = (async () => {
  for await (const { id, status } of client.events({ signal: stop.signal })) {
    if (status === 'Running' && !told.has(id)) told.set(id, performance.now())
  }
})().catch(() => {})
const path = `/api/v1/namespaces/${cluster.namespace}/pods`
const watchingBare = (async () => {
  const { metadata } = await cluster.client.call<{ metadata: { resourceVersion: string } }>({ method: 'GET', path })
  for await (const events of watch(cluster.client, { path, query: {}, resourceVersion: metadata.resourceVersion, seconds: 3000, silenceMs: 90_000, signal: stop.signal })) {
    for (const { object } of events) {
      const { metadata, status } = object as unknown as { metadata: { labels?: Record<string, string> }, status?: { phase?: string } }
      const id = metadata.labels?.[LABEL.job]
      if (id !== undefined && status?.phase === 'Running' && !bare.has(id)) bare.set(id, performance.now())
    }
  }
})().catch(() => {})

const rssMiB = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1024
const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await delay(20) }
const quantile = (sorted: number[], part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!

try {
  const { pid } = launcher.ready
  process.stdout.write(`idle: ${rssMiB(pid).toFixed(0)} MiB\n`)
  let left = JOBS
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) await client.submit({ name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } })
  }))
  await until(() => pods.length >= JOBS)
  for (const rate of RATES) {
    const batch = pods.splice(0, Math.min(SAMPLES, rate * 20))
    const began = performance.now()
    const before = told.size
    await Promise.all(batch.map(async (pod, index) => {
      await delay(Math.max(0, began + index * 1000 / rate - performance.now()))
      await node.run(pod)
    }))
    const took = (performance.now() - began) / 1000
    await until(() => told.size >= before + batch.length && bare.size >= before + batch.length)
    const later = Array.from(told).slice(before).map(([id, at]) => at - bare.get(id)!).sort((a, b) => a - b)
    process.stdout.write(`${(batch.length / took).toFixed(0)} changes/s (${rate} wanted): told later than by a bare watch, p50 ${quantile(later, 0.5).toFixed(1)} ms, p99 ${quantile(later, 0.99).toFixed(1)} ms\n`)
  }
  await Promise.all(pods.splice(0).map(pod => node.run(pod)))
  await until(() => told.size >= JOBS)
  await delay(5000)
  process.stdout.write(`${JOBS} running jobs, all of their logs followed or read: ${rssMiB(pid).toFixed(0)} MiB\n`)
} finally {
  stop.abort()
  await Promise.all([watching, watchingBare])
  await client.close()
  await launcher.stop()
  await node.end()
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
}
