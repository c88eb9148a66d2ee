// CPU that a job costs from its submission to its end on Kubernetes: of the launcher, and of the API server, compared
// with a bare client that posts Jobs and watches Jobs and pods until they have ended.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hollowNode } from '../../test/fixtures/hollow-node.ts'
import type { Figure, Measurement } from '../figure.ts'
import { hollowCluster, type HollowCluster } from '../hollow-cluster.ts'
import { jobEnds } from '../job-ends.ts'
import { benchLauncher, cpuSeconds, onKubernetes } from '../launcher.ts'
import { perSecond, ROUNDS } from '../rounds.ts'
import { shown, spreadOf } from '../statistics.ts'

const SUBMISSION = { name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } }
const JOBS = 300
const IN_FLIGHT = 16
const TARGET_MS = 2

/** Milliseconds of CPU a job. */
interface Cost {
  readonly client: number
  readonly server: number
}

interface Contender {
  readonly pid: number
  /** Runs jobs until all of them have ended. */
  run (): Promise<unknown>
}

export const costKubernetes: Figure = {
  name: 'cost-kubernetes',
  about: 'CPU of launcher and API server for a job from its submission to its end, against a bare client',
  async measure ({ progress, profile }) {
    const cluster = await hollowCluster()
    const server = parseInt(readFileSync(join(cluster.folder, 'run/apiserver.pid'), 'latin1'), 10)
    const node = await hollowNode({
      client: cluster.client,
      folder: cluster.folder,
      async onSchedule (pod) {
        await node.run(pod)
        await node.finish(pod, 0)
      }
    })
    const launcher = await benchLauncher({ settings: onKubernetes(cluster), profile })
    const ended = jobEnds(launcher.client)
    const rival = await bareClient(cluster)

    async function job (): Promise<void> {
      const { id } = await launcher.client.submit(SUBMISSION)
      await ended.of(id)
    }

    const contenders = {
      launcher: {
        pid: launcher.pid,
        run: () => perSecond(job, { times: JOBS, inFlight: IN_FLIGHT })
      },
      bare: rival
    }
    const costs: Record<keyof typeof contenders, Cost[]> = { launcher: [], bare: [] }
    try {
      for (let round = 0; round <= ROUNDS; round++) {
        for (const name of ['launcher', 'bare'] as const) {
          const cost = await costOf(contenders[name], server)
          if (round > 0) costs[name].push(cost)
          progress(`${name}: ${cost.client.toFixed(1)} ms, API server ${cost.server.toFixed(1)} ms a job`)
        }
      }
      const [own, bare] = [costs.launcher, costs.bare].map(each => ({
        client: spreadOf(each.map(({ client }) => client)),
        server: spreadOf(each.map(({ server }) => server))
      }))
      return [
        {
          name: 'cost-kubernetes/2-ms',
          ratio: own!.client.median / TARGET_MS,
          target: { max: 1 },
          detail: `launcher ${shown(own!.client, 1)} ms of CPU a job`
        },
        {
          name: 'cost-kubernetes/bare',
          ratio: own!.client.median / bare!.client.median,
          detail: `bare client ${shown(bare!.client, 1)} ms of CPU a job`
        },
        {
          name: 'cost-kubernetes/api-server',
          ratio: own!.server.median / bare!.server.median,
          target: { max: 1.3 },
          detail: `API server ${shown(own!.server, 1)} ms of CPU a job, for the bare client ${shown(bare!.server, 1)}`
        }
      ] satisfies Measurement[]
    } finally {
      rival.kill()
      await ended.stop()
      await node.end()
      await launcher.end()
      await cluster.end()
    }
  }
}

async function costOf ({ pid, run }: Contender, server: number): Promise<Cost> {
  const now = (): readonly number[] => [pid, server].map(cpuSeconds)
  const before = now()
  await run()
  const [client, ofServer] = now().map((seconds, index) => (seconds - before[index]!) * 1000 / JOBS)
  return { client: client!, server: ofServer! }
}

async function bareClient ({ kubeconfig, namespace }: HollowCluster): Promise<Contender & { kill (): void }> {
  const rival = spawn(
    process.execPath,
    [join(import.meta.dirname, '../rivals/bare-jobs.ts'), kubeconfig, namespace],
    { stdio: ['pipe', 'pipe', 'inherit'] }
  )
  const lines = createInterface(rival.stdout)[Symbol.asyncIterator]()
  // It reports each of its two watches.
  await lines.next()
  await lines.next()
  return {
    pid: rival.pid!,
    run () {
      rival.stdin.write(`${JOBS} ${IN_FLIGHT}\n`)
      return lines.next()
    },
    kill: () => { rival.kill() }
  }
}
