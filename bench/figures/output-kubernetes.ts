// The figure `output` on Kubernetes: from the start of a program until its followers have its output, compared with a
// bare read of the same log. A hollow node serves the logs as fast as they are read. A kubelet is slower than both.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LABEL } from '../../plugins/kubernetes/metadata/labels.ts'
import { hollowNode, type HollowPod } from '../../test/fixtures/hollow-node.ts'
import type { FigureContext, Measurement } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, cpuSeconds, onKubernetes } from '../launcher.ts'
import type { BareRead } from '../rivals/bare-logs.ts'
import { byTurns, ROUNDS } from '../rounds.ts'
import { shown } from '../statistics.ts'

/** Including the newline. */
const LINE_BYTES = 100
const MB = 1e6
const LOADS = [
  { name: '1', jobs: 1, readers: 1, bytes: 20 * MB },
  { name: '300', jobs: 1, readers: 300, bytes: MB / 2 },
  { name: '300-jobs', jobs: 300, readers: 1, bytes: MB / 10 }
] as const
type Load = typeof LOADS[number]

export async function outputOfKubernetes ({ progress, profile }: FigureContext): Promise<Measurement[]> {
  const cluster = await hollowCluster()
  const pods = new Map<string, PromiseWithResolvers<HollowPod>>()
  const node = await hollowNode({ ...cluster, onSchedule: pod => podOf(pod.metadata.labels![LABEL.job]!).resolve(pod) })
  const launcher = await benchLauncher({ settings: onKubernetes(cluster), profile })
  const rival = spawn(process.execPath, [join(import.meta.dirname, '../rivals/bare-logs.ts'), cluster.kubeconfig], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const answers = createInterface(rival.stdout)
  const { client } = launcher
  /** Jobs and pods whose logs the last round of the launcher read. */
  let placed: Array<readonly [id: string, pod: HollowPod]> = []

  function podOf (id: string): PromiseWithResolvers<HollowPod> {
    const promise = pods.get(id) ?? Promise.withResolvers<HollowPod>()
    pods.set(id, promise)
    return promise
  }

  /** Submits a job whose program has already written `bytes` when it starts to run. */
  async function place (bytes: number): Promise<readonly [string, HollowPod]> {
    const { id } = await client.submit({ name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } })
    const pod = await podOf(id).promise
    node.write(pod, Array.from({ length: bytes / LINE_BYTES }, () => 'a line of output'.padEnd(LINE_BYTES - 1, '.')))
    return [id, pod]
  }

  async function read (id: string, bytes: number): Promise<void> {
    let size = 0
    for await (const chunk of client.output(id, { stream: 'stdout', follow: true })) {
      size += chunk.length
      if (size >= bytes) break
    }
    if (size !== bytes) throw new Error(`${size} of ${bytes} bytes`)
  }

  /** Returns MB per second, from the start of the programs until every follower has everything. */
  async function own ({ jobs, readers, bytes }: Load): Promise<number> {
    placed = await Promise.all(Array.from({ length: jobs }, () => place(bytes)))
    const reading = Promise.all(placed.flatMap(([id]) => Array.from({ length: readers }, () => read(id, bytes))))
    const began = performance.now()
    await Promise.all([reading, ...placed.map(([, pod]) => node.run(pod))])
    return jobs * readers * bytes / MB / (performance.now() - began) * 1000
  }

  async function bare ({ jobs, readers, bytes }: Load): Promise<number> {
    const logs = placed.map(
      ([
        ,
        {
          metadata: { namespace, name }
        }
      ]) => `/api/v1/namespaces/${namespace}/pods/${name}/log`
    )
    const began = performance.now()
    rival.stdin.write(`${JSON.stringify({ logs, readers, bytes } satisfies BareRead)}\n`)
    await once(answers, 'line')
    return jobs * readers * bytes / MB / (performance.now() - began) * 1000
  }

  async function finish (): Promise<void> {
    await Promise.all(placed.map(async ([id, pod]) => {
      await node.finish(pod, 0)
      await client.ended(id)
      await node.remove(pod)
    }))
  }

  const measurements: Measurement[] = []
  try {
    for (const load of LOADS) {
      const spent = { launcher: 0, bare: 0 }
      const counted = async (pid: number, who: keyof typeof spent, work: () => Promise<number>): Promise<number> => {
        const before = cpuSeconds(pid)
        const rate = await work()
        spent[who] += cpuSeconds(pid) - before
        return rate
      }
      const rates = await byTurns({
        launcher: () => counted(launcher.pid, 'launcher', () => own(load)),
        async bare () {
          const rate = await counted(rival.pid!, 'bare', () => bare(load))
          await finish()
          return rate
        }
      })
      const megabytes = (ROUNDS + 1) * load.jobs * load.readers * load.bytes / MB
      const cpu = (who: keyof typeof spent): string => `${(spent[who] / megabytes * 1000).toFixed(1)} ms of CPU a MB`
      measurements.push({
        name: `output/kubernetes/${load.name}`,
        ratio: rates.launcher.median / rates.bare.median,
        target: { min: 0.8 },
        detail: `launcher ${shown(rates.launcher, 1)} MB/s, ${cpu('launcher')}; bare ${shown(rates.bare, 1)} MB/s, ` +
          `${cpu('bare')}`
      })
      progress(measurements.at(-1)!.detail)
    }
    return measurements
  } finally {
    rival.kill()
    await launcher.end()
    await node.end()
    await cluster.end()
  }
}
