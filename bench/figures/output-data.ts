// The figure `output` on Kubernetes with the output in files in the data of the host: followers of running jobs,
// compared with a process that only sends the same files.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Agent, request } from 'undici'
import { LABEL } from '../../plugins/kubernetes/metadata/labels.ts'
import { hollowNode, stdoutOf, type HollowPod } from '../../test/fixtures/hollow-node.ts'
import type { FigureContext, Measurement } from '../figure.ts'
import { hollowCluster } from '../hollow-cluster.ts'
import { benchLauncher, cpuSeconds, onKubernetes } from '../launcher.ts'
import { byTurns, ROUNDS } from '../rounds.ts'
import { shown } from '../statistics.ts'

/** Including the newline. */
const LINE = `${'a line of output'.padEnd(99, '.')}\n`
const MB = 1e6
const LOADS = [{ name: '1', jobs: 1, bytes: 64 * MB }, { name: '300-jobs', jobs: 300, bytes: MB }] as const

export async function outputInData ({ progress, profile }: FigureContext): Promise<Measurement[]> {
  const cluster = await hollowCluster()
  const data = mkdtempSync(join(tmpdir(), 'bench-data-'))
  const pods = new Map<string, PromiseWithResolvers<HollowPod>>()
  const podOf = (id: string): PromiseWithResolvers<HollowPod> => {
    const promise = pods.get(id) ?? Promise.withResolvers<HollowPod>()
    pods.set(id, promise)
    return promise
  }
  const node = await hollowNode({ ...cluster, onSchedule: pod => podOf(pod.metadata.labels![LABEL.job]!).resolve(pod) })
  const settings = { ...onKubernetes(cluster), DataDir: data, KubernetesOutput: 'data' }
  const launcher = await benchLauncher({ settings, profile })
  const socketPath = join(data, 'bare.sock')
  const rival = spawn(process.execPath, [join(import.meta.dirname, '../rivals/bare-files.ts'), socketPath], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await once(createInterface(rival.stdout), 'line')
  const agent = new Agent({ connect: { socketPath } })

  /** Starts a job whose program has written `bytes`, and writes no more. */
  async function place (bytes: number): Promise<readonly [id: string, pod: HollowPod]> {
    const { id } = await launcher.client.submit({
      name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' }
    })
    const pod = await podOf(id).promise
    node.write(pod, [LINE.repeat(bytes / LINE.length).slice(0, -1)])
    await node.run(pod)
    return [id, pod]
  }

  async function read (chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<void> {
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.length
      if (size >= bytes) break
    }
    if (size !== bytes) throw new Error(`${size} of ${bytes} bytes`)
  }

  try {
    const measurements: Measurement[] = []
    for (const { name, jobs, bytes } of LOADS) {
      const placed = await Promise.all(Array.from({ length: jobs }, () => place(bytes)))
      const spent = { launcher: 0, bare: 0 }
      const rate = async (who: keyof typeof spent, pid: number, one: (job: typeof placed[number]) => Promise<void>) => {
        const before = cpuSeconds(pid)
        const began = performance.now()
        await Promise.all(placed.map(one))
        const ms = performance.now() - began
        spent[who] += cpuSeconds(pid) - before
        return jobs * bytes / MB / ms * 1000
      }
      const rates = await byTurns({
        launcher: () => rate('launcher', launcher.pid, ([id]) =>
          read(launcher.client.output(id, { stream: 'stdout', follow: true }), bytes)),
        bare: () => rate('bare', rival.pid!, async ([, pod]) => {
          const { body } = await request(`http://localhost${stdoutOf(pod)}`, { dispatcher: agent })
          await read(body, bytes)
        })
      })
      const cpu = (who: keyof typeof spent): string =>
        `${(spent[who] / ((ROUNDS + 1) * jobs * bytes / MB) * 1000).toFixed(2)} ms of CPU a MB`
      measurements.push({
        name: `output/kubernetes-data/${name}`,
        ratio: rates.launcher.median / rates.bare.median,
        target: { min: 0.8 },
        detail: `launcher ${shown(rates.launcher)} MB/s, ${cpu('launcher')}; bare ${shown(rates.bare)} MB/s, ` +
          `${cpu('bare')}`
      })
      progress(measurements.at(-1)!.detail)
      await Promise.all(placed.map(async ([id, pod]) => {
        await node.finish(pod, 0)
        await launcher.client.ended(id)
        await node.remove(pod)
      }))
    }
    return measurements
  } finally {
    rival.kill()
    await agent.destroy()
    await launcher.end()
    await node.end()
    await cluster.end()
    rmSync(data, { recursive: true, force: true })
  }
}
