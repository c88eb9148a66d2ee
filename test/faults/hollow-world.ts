// Histories on a real API server with a hollow node. Pods live as the text of their job says, at the speed of the API.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { isNotFound, ignoreNotFound } from '../../plugins/kubernetes/client/errors.ts'
import type { KubeClient } from '../../plugins/kubernetes/client/client.ts'
import { instanceSelector, LABEL } from '../../plugins/kubernetes/metadata/labels.ts'
import { MARKER_PREFIX } from '../../plugins/kubernetes/process-logs/data-identity.ts'
import { PROBE_PREFIX } from '../../plugins/kubernetes/process-logs/log-folder.ts'
import { testCluster } from '../cluster/cluster.ts'
import { hollowNode, type HollowNode, type HollowPod } from '../fixtures/hollow-node.ts'
import { apiProxy, type ApiProxy } from './api-proxy.ts'
import type { FaultScript } from './fault.ts'
import type { PlannedJob } from './history.ts'
import { inputOf, linesOf, type World } from './world.ts'

/** The time that a real node takes from a pod to the start of its program, for pods that replace another pod. */
const TAKES_MS = 1000
const POLL_MS = 20
/** Exit code of a program that SIGTERM ends. */
const TERMINATED = 143
/** Resources created for one job. */
const OF_JOB = [
  '/apis/batch/v1/namespaces/{}/jobs',
  '/api/v1/namespaces/{}/pods',
  '/api/v1/namespaces/{}/services',
  '/api/v1/namespaces/{}/secrets'
]
/** The name of the cluster in the settings of a history. */
export const CLUSTER = 'Kubernetes'
const GONE_MS = 30_000

/** What the hollow node plays, read from the command of a pod. */
interface HollowProgram extends Pick<PlannedJob, 'lines' | 'exitCode' | 'ends' | 'stdin'> {
  readonly key: string
}

interface Life {
  /** The deletion of the pod was requested. */
  isDeleted: boolean
  readonly deletion: PromiseWithResolvers<void>
  over: Promise<void>
}

/** Folder of the hollow cluster that the fault suite runs on. */
const { KUBE_HOLLOW_DIR } = process.env
export const noHollow =
  KUBE_HOLLOW_DIR === undefined && 'no hollow cluster is named (KUBE_HOLLOW_DIR); scripts/test --faults starts one'

/** The node of one cluster; it is shared by all histories on it. */
export interface HollowCluster {
  readonly client: KubeClient
  readonly kubeconfig: string
  readonly namespace: string
  signal (key: string): void
  deletePod (key: string): Promise<void>
  runs (key: string): number
  end (): Promise<void>
}

interface Cluster {
  readonly client: KubeClient
  /** Of the cluster. */
  readonly folder: string
  readonly kubeconfig: string
  readonly namespace: string
}

/** The hollow cluster, with a namespace of the test's own. */
export async function testHollowCluster (t: Pick<Test, 'teardown'>): Promise<Cluster> {
  const folder = KUBE_HOLLOW_DIR!
  return { folder, ...await testCluster(t, join(folder, 'admin.kubeconfig')) }
}

export async function hollowCluster ({ client, folder, kubeconfig, namespace }: Cluster): Promise<HollowCluster> {
  const core = `/api/v1/namespaces/${namespace}`
  const runs = new Map<string, number>()
  const gos = new Map<string, PromiseWithResolvers<void>>()
  const seenJobs = new Set<string>()
  const lives = new Map<string, Life>()
  const ran = new Map<string, HollowPod>()
  const node: HollowNode = await hollowNode({ client, folder, onSchedule: scheduled, onDelete })

  function goOf (key: string): PromiseWithResolvers<void> {
    const go = gos.get(key) ?? Promise.withResolvers<void>()
    gos.set(key, go)
    return go
  }

  function scheduled (pod: HollowPod): void {
    if (pod.metadata.namespace !== namespace) return
    const life: Life = { isDeleted: false, deletion: Promise.withResolvers<void>(), over: Promise.resolve() }
    lives.set(pod.metadata.uid, life)
    life.over = live(pod, life)
  }

  function onDelete (pod: HollowPod): void {
    const life = lives.get(pod.metadata.uid)
    if (life === undefined || life.isDeleted) return
    life.isDeleted = true
    life.deletion.resolve()
    life.over = life.over.then(() => node.remove(pod))
  }

  async function live (pod: HollowPod, life: Life): Promise<void> {
    const { key, lines, exitCode, ends, stdin = 0 } = programOf(pod)
    const jobId = pod.metadata.labels?.[LABEL.job] ?? ''
    if (seenJobs.has(jobId)) await delay(TAKES_MS)
    seenJobs.add(jobId)
    while (!life.isDeleted && !await hasWhatItNeeds(pod)) await delay(POLL_MS)
    if (life.isDeleted) return
    runs.set(key, (runs.get(key) ?? 0) + 1)
    ran.set(key, pod)
    await node.run(pod)
    node.write(pod, [...inputOf(key, stdin), ...linesOf(key, lines)])
    if (ends === 'never') await life.deletion.promise
    if (ends === 'signal') await Promise.race([goOf(key).promise, life.deletion.promise])
    await node.finish(pod, life.isDeleted ? TERMINATED : exitCode)
  }

  async function hasWhatItNeeds (pod: HollowPod): Promise<boolean> {
    const { volumes = [] } = pod.spec as Spec
    for (const { secret } of volumes) {
      if (secret !== undefined && await read(`${core}/secrets/${secret.secretName}`) === undefined) return false
    }
    return true
  }

  async function read<T> (path: string): Promise<T | undefined> {
    try {
      return await client.call<T>({ method: 'GET', path })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  return {
    client,
    kubeconfig,
    namespace,
    signal (key) { goOf(key).resolve() },
    async deletePod (key) {
      const pod = ran.get(key)!
      await ignoreNotFound(client.call({ method: 'DELETE', path: `${core}/pods/${pod.metadata.name}` }))
    },
    runs: key => runs.get(key) ?? 0,
    async end () {
      await node.end()
    }
  }
}

interface Spec {
  readonly containers: ReadonlyArray<{
    command?: readonly string[]
  }>
  readonly volumes?: ReadonlyArray<{ secret?: { secretName: string } }>
}

function programOf (pod: HollowPod): HollowProgram {
  const text = (pod.spec as Spec).containers.flatMap(({ command = [] }) => command).join(' ')
  return JSON.parse(/'(\{.*?\})'/.exec(text)![1]!)
}

/** Where the output of the jobs is: in the log of the node, or in the data of the host. */
export type HollowOutput = 'node' | 'data'

/** A world in the hollow cluster for the histories of one launcher, behind a proxy of its own. */
export async function hollowWorld (
  t: Pick<Test, 'teardown'>,
  cluster: HollowCluster,
  output: HollowOutput = 'node'
): Promise<World & { readonly proxy: ApiProxy }> {
  const { client, namespace } = cluster
  const proxy = await apiProxy(t, cluster.kubeconfig)
  let script: FaultScript = proxy.play([])
  let met = 0
  const data = output === 'data' ? mkdtempSync(join(tmpdir(), 'jl-data-')) : undefined
  if (data !== undefined) t.teardown(() => rmSync(data, { recursive: true, force: true }))
  const metNow = (): number => script.met.reduce((sum, count) => sum + count, 0)

  async function objects (instance: string): Promise<string[]> {
    const lists = await Promise.all(
      OF_JOB.map(async kind => {
        const path = kind.replace('{}', namespace)
        const { items } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({
          method: 'GET',
          path,
          query: { labelSelector: instanceSelector(instance) }
        })
        return items.map(({ metadata: { name } }) => `${path.split('/').at(-1)!} ${name}`)
      })
    )
    return lists.flat()
  }

  async function untilGone (instance: string): Promise<string[]> {
    const until = performance.now() + GONE_MS
    for (;;) {
      const left = await objects(instance)
      if (left.length === 0 || performance.now() > until) return left
      await delay(POLL_MS)
    }
  }

  return {
    proxy,
    settings: {
      Local: 'false',
      [CLUSTER]: 'true',
      Kubeconfig: proxy.kubeconfig,
      KubernetesNamespace: namespace,
      KubernetesOutput: output,
      ...(data !== undefined && { DataDir: data })
    },
    play (faults) {
      met += metNow()
      script = proxy.play(faults)
    },
    faults: () => met + metNow(),
    submission (key, { lines, exitCode, ends, stdin, port }): JobSubmission {
      const program: HollowProgram = { key, lines, exitCode, ends, ...(stdin !== undefined && { stdin }) }
      return {
        name: key,
        command: `: '${JSON.stringify(program)}'`,
        container: { image: 'localhost/busybox:1' },
        ...(stdin !== undefined && { stdin: inputOf(key, stdin).map(line => `${line}\n`).join('') }),
        ...(port === true && { exposedPorts: [{ targetPort: 80 }] })
      }
    },
    signal: cluster.signal,
    deletePod: cluster.deletePod,
    runs: cluster.runs,
    later: proxy.setClock,
    async leftovers ({ instance }) {
      proxy.play([])
      const folder = join(data ?? '', 'process-logs', instance, CLUSTER)
      const names = data !== undefined && existsSync(folder) ? readdirSync(folder) : []
      const logs = names.filter(name => !name.startsWith(PROBE_PREFIX) && !name.startsWith(MARKER_PREFIX))
      return [...await untilGone(instance), ...logs.map(name => `process logs ${name}`)]
    }
  }
}
