// The launcher's Prometheus metrics: their names, their meaning, and where each is counted.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Cluster } from './jobs/cluster.ts'
import type { Store } from './jobs/store/store.ts'

export interface Metrics {
  readonly requests: Histogram<'method' | 'route' | 'status'>
  readonly submissions: Counter<'cluster' | 'outcome'>
  readonly commits: Histogram
  readonly contentType: string
  /** All metrics as text. */
  text (): Promise<string>
  /** Begins to report what lives in the store and the queues. */
  observe (store: Store, clusters: ReadonlyMap<string, Cluster>): void
  /** Names and help of all metrics of the launcher's own, for the reference page. */
  readonly own: ReadonlyArray<{ name: string, help: string }>
}

const PREFIX = 'job_launcher_'

const OWN = [
  { name: `${PREFIX}request_duration_seconds`, help: 'Time from a request to the end of its reply, by method, route and status. Streams count until they end.' },
  { name: `${PREFIX}submissions_total`, help: 'Submissions by cluster and outcome: accepted, repeated (the Idempotency-Key was seen), waiting_full (refused with TooManyWaiting).' },
  { name: `${PREFIX}store_commit_duration_seconds`, help: 'Time of one grouped commit to disk.' },
  { name: `${PREFIX}jobs`, help: 'Jobs in the store by cluster and status.' },
  { name: `${PREFIX}waiting_jobs`, help: 'Jobs that wait to be started, by cluster.' },
  { name: `${PREFIX}starts_under_way`, help: 'Starts that the cluster is working on, by cluster.' }
] as const

export function makeMetrics (): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const [request, submission, commit, jobs, waiting, underWay] = OWN
  collectDefaultMetrics({ register: registry })
  return {
    own: OWN,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    requests: new Histogram({ ...request, labelNames: ['method', 'route', 'status'], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30], registers }),
    submissions: new Counter({ ...submission, labelNames: ['cluster', 'outcome'], registers }),
    commits: new Histogram({ ...commit, buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5], registers }),
    observe (store, clusters) {
      registry.registerMetric(new Gauge({
        ...jobs,
        labelNames: ['cluster', 'status'],
        registers: [],
        collect () {
          this.reset()
          for (const { cluster, status, count } of store.counts()) this.set({ cluster, status }, count)
        }
      }))
      const queueGauge = (metric: { name: string, help: string }, value: (cluster: Cluster) => number) => {
        registry.registerMetric(new Gauge({
          ...metric,
          labelNames: ['cluster'],
          registers: [],
          collect () {
            for (const cluster of clusters.values()) this.set({ cluster: cluster.name }, value(cluster))
          }
        }))
      }
      queueGauge(waiting, ({ starts }) => starts.size)
      queueGauge(underWay, ({ starts }) => starts.pending)
    }
  }
}
