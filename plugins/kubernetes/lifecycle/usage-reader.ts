// Reads what the pods of all jobs use, with one request to the metrics server of the cluster.

import type { JobMeasurement, MeasuredJob, Measurements, NotMeasured } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { isRunning } from '../cache/tracked-pod.ts'
import type { KubeClient } from '../client/client.ts'
import { allPodMetricsPath } from '../client/paths.ts'
import { instanceSelector } from '../metadata/labels.ts'
import { parseQuantity } from '../objects/quantity.ts'
import { notAvailable, usageOf, type PodMetrics } from './pod-metrics.ts'

export interface UsageReader {
  /** As `usage` of the contract. */
  read (jobs: readonly MeasuredJob[], options: { readonly isRead: boolean }): Promise<Measurements>
}

type PodUsage = Pick<JobMeasurement, 'time' | 'cpus' | 'residentBytes'>

/** A Table of meta.k8s.io/v1 without objects. */
export interface MetricsTable {
  readonly kind: 'Table'
  readonly columnDefinitions: ReadonlyArray<{ readonly name: string }> | null
  readonly rows: ReadonlyArray<{ readonly cells: readonly string[] }> | null
}

interface MetricsList {
  readonly kind: string
  readonly items: readonly PodMetrics[]
}

interface Dependencies {
  readonly client: Pick<KubeClient, 'call' | 'now'>
  readonly cache: Pick<ClusterCache, 'podsOf'>
  readonly namespace: string
  readonly instance: string
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number
}

/** The metrics server measures each pod once in 15 seconds by default. */
export const RESOLUTION_MS = 15_000
/** For peaks that no client reads now, a request a minute is enough; without a metrics server, one in ten minutes. */
export const UNREAD_MS = 60_000
export const UNREAD_FAILURE_MS = 600_000
const DEADLINE_MS = 8000
/** A tenth of the bytes of a list, whose items repeat the labels of the pods. */
const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

export function createUsageReader (
  { client, cache, namespace, instance, now = () => performance.now() }: Dependencies
): UsageReader {
  let latest: { readonly at: number, readonly pods: Promise<ReadonlyMap<string, PodUsage>>, failed?: true } | undefined
  let asTable = true

  async function list (): Promise<ReadonlyMap<string, PodUsage>> {
    try {
      const reply = await client.call<MetricsTable | MetricsList>({
        method: 'GET',
        path: allPodMetricsPath(namespace),
        query: { labelSelector: instanceSelector(instance), includeObject: asTable ? 'None' : undefined },
        ...(asTable && { accept: AS_TABLE }),
        deadlineMs: DEADLINE_MS,
        noRetry: true
      })
      if (!('rows' in reply)) return new Map(reply.items.map(item => [item.metadata!.name, usageOf(item)]))
      const pods = usageOfTable(reply, client.now())
      if (pods !== undefined) return pods
    } catch (error) {
      throw notAvailable(error)
    }
    asTable = false
    return await list()
  }

  return {
    async read (jobs, { isRead }) {
      const longestMs = isRead ? RESOLUTION_MS : latest?.failed === true ? UNREAD_FAILURE_MS : UNREAD_MS
      if (latest === undefined || now() - latest.at >= longestMs) latest = { at: now(), pods: list() }
      const asked = latest
      const pods = await asked.pods.catch((error: unknown) => {
        asked.failed = true
        throw error
      })
      return new Map(jobs.map(({ id }) => [id, measurementOf(id)]))

      function measurementOf (id: string): JobMeasurement | NotMeasured {
        const pod = cache.podsOf(id).find(isRunning)
        if (pod === undefined) return notMeasured('The job has no running pod now.')
        const host = pod.node
        const usage = pods.get(pod.name)
        if (usage === undefined) return notMeasured('The metrics server has not measured the job yet.', host)
        const { time, cpus, residentBytes } = usage
        return { time, cpus, residentBytes, host }
      }
    }
  }
}

function notMeasured (detail: string, host?: string): NotMeasured {
  return { code: 'ResourcesNotAvailable', detail, host }
}

/**
 * Returns the usage by name of the pod. A table has no time of a measurement: `time` is when it was read. Returns
 * undefined if it has no columns of the usage, as that of a server that does not know them. Pure.
 */
export function usageOfTable (
  { columnDefinitions, rows }: MetricsTable, time: number
): ReadonlyMap<string, PodUsage> | undefined {
  const all = rows ?? []
  const column = (name: string): number => columnDefinitions?.findIndex(each => each.name === name) ?? -1
  const [name, cpu, memory] = [column('Name'), column('cpu'), column('memory')]
  if (all.length > 0 && (name === -1 || cpu === -1 || memory === -1)) return undefined
  return new Map(all.map(({ cells }) => [
    cells[name]!,
    { time, cpus: parseQuantity(cells[cpu]!) || 0, residentBytes: parseQuantity(cells[memory]!) || 0 }
  ]))
}
