// The launcher's Prometheus metrics: names, help texts, and how each is collected.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Cluster } from './jobs/cluster.ts'
import type { Job } from './model/job.ts'
import { outcomeOf } from './model/job-outcome.ts'
import type { Store } from './jobs/store/store.ts'
import type { ClusterCounts } from './plugin.ts'

export interface Metrics {
  readonly requests: Histogram<'method' | 'route' | 'status'>
  readonly submissions: Counter<'cluster' | 'outcome'>
  readonly commits: Histogram
  /** Counts the jobs among these that have ended. */
  ended (jobs: readonly Job[]): void
  readonly contentType: string
  /** All metrics as text. */
  text (): Promise<string>
  /** Begins to report the numbers of the store and the queues. */
  observe (store: Store, clusters: ReadonlyMap<string, Cluster>): void
  /** Begins to report the free bytes of the disk. */
  observeDisk (freeBytes: () => number): void
  /** Begins to report the dropped lines of the log. */
  observeLog (dropped: () => number): void
  /** Returns the counters for the plugin of a cluster. */
  countsOf (cluster: string): ClusterCounts
  /** Names and help texts of the launcher's own metrics, for the reference page. */
  readonly own: ReadonlyArray<{ name: string, help: string }>
}

const PREFIX = 'job_launcher_'
/** Seconds, from a quick command to half a day. */
const JOB_BUCKETS = [0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200, 43_200]

/** Sums of other metrics of a Node process. Prometheus takes a metric with such a name for a counter. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

const OWN = [
  {
    name: `${PREFIX}request_duration_seconds`,
    help: 'Time from a request to the end of its reply, by method, route and status. For streams, until they end.'
  },
  {
    name: `${PREFIX}submissions_total`,
    help: 'Submissions by cluster and outcome: accepted, repeated (the Idempotency-Key was used before), ' +
      'waiting_full (rejected with TooManyWaiting).'
  },
  { name: `${PREFIX}store_commit_duration_seconds`, help: 'Duration of one grouped commit to disk.' },
  { name: `${PREFIX}jobs`, help: 'Jobs in the store by cluster and status.' },
  {
    name: `${PREFIX}jobs_ended_total`,
    help: 'Jobs that ended since the start of the launcher, by cluster, outcome (succeeded, failed, stopped, lost) ' +
      'and reason.'
  },
  {
    name: `${PREFIX}job_wait_duration_seconds`,
    help: 'Time from the submission of a job to the start of its program, by cluster. Counted when the job has ended.'
  },
  {
    name: `${PREFIX}job_run_duration_seconds`,
    help: 'Time from the start of the program of a job to its end, by cluster.'
  },
  { name: `${PREFIX}waiting_jobs`, help: 'Jobs waiting to start, by cluster.' },
  { name: `${PREFIX}starts_under_way`, help: 'Starts in progress, by cluster.' },
  {
    name: `${PREFIX}cluster_contact_age_seconds`,
    help: 'Time since the last contact with the cluster about a kind of object, by cluster and kind. Only for ' +
      'clusters on other machines.'
  },
  {
    name: `${PREFIX}cluster_relists_total`,
    help: 'Full lists of a kind of object, by cluster and kind.'
  },
  {
    name: `${PREFIX}cluster_reconnects_total`,
    help: 'Reopened watches, by cluster, kind and cause: timeout (as requested), gone (410), silence, deadline, ' +
      'certificate, credentials, an HTTP status, or a system code.'
  },
  { name: `${PREFIX}cluster_throttled_total`, help: 'Requests that the cluster answered with 429, by cluster.' },
  {
    name: `${PREFIX}output_reopened_total`,
    help: 'Reopened streams of job output, by cluster.'
  },
  {
    name: `${PREFIX}output_foreign_lines_total`,
    help: 'Lines that the cluster wrote into job output, which are omitted, by cluster.'
  },
  {
    name: `${PREFIX}policy_loaded_timestamp_seconds`,
    help: 'When the content of the policy files (profiles, images …) last took effect, in seconds since 1970, by ' +
      'cluster.'
  },
  {
    name: `${PREFIX}policy_failures_total`,
    help: 'Rejected contents of the policy files, after which the previous ones stay in effect, by cluster.'
  },
  {
    name: `${PREFIX}log_lines_dropped_total`,
    help: 'Log lines dropped because standard error accepted no more data: its disk is full, or the reader of its ' +
      'pipe does not read.'
  },
  {
    name: `${PREFIX}scratch_path_free_bytes`,
    help: 'Bytes of the disk of the scratch path that jobs can still write. On a full disk, submissions are refused.'
  },
  {
    name: `${PREFIX}data_free_bytes`,
    help: "Free bytes of the host's data in which the output of jobs is kept, by cluster, as the launcher last read " +
      'them. Absent if it cannot write there.'
  }
] as const

export function createMetrics (): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const [
    request,
    submission,
    commit,
    jobs,
    jobsEnded,
    wait,
    run,
    waiting,
    inFlight,
    contactAge,
    relists,
    reconnects,
    throttled,
    reopened,
    foreign,
    policyLoaded,
    policyFailures,
    logLinesDropped,
    freeBytesMetric,
    dataFreeBytes
  ] = OWN
  let ofNode = false
  const ages = new Map<string, { labels: { cluster: string, kind: string }, ageMs: () => number | undefined }>()
  registry.registerMetric(new Gauge({
    ...contactAge,
    labelNames: ['cluster', 'kind'],
    registers: [],
    collect () {
      this.reset()
      for (const { labels, ageMs } of ages.values()) {
        const age = ageMs()
        if (age !== undefined) this.set(labels, age / 1000)
      }
    }
  }))
  const dataSpace = new Map<string, () => number | undefined>()
  registry.registerMetric(new Gauge({
    ...dataFreeBytes,
    labelNames: ['cluster'],
    registers: [],
    collect () {
      this.reset()
      for (const [cluster, freeBytes] of dataSpace) {
        const bytes = freeBytes()
        if (bytes !== undefined) this.set({ cluster }, bytes)
      }
    }
  }))
  const counts = {
    relists: new Counter({ ...relists, labelNames: ['cluster', 'kind'], registers }),
    reconnects: new Counter({ ...reconnects, labelNames: ['cluster', 'kind', 'cause'], registers }),
    throttled: new Counter({ ...throttled, labelNames: ['cluster'], registers }),
    reopened: new Counter({ ...reopened, labelNames: ['cluster'], registers }),
    foreign: new Counter({ ...foreign, labelNames: ['cluster'], registers }),
    policyLoaded: new Gauge({ ...policyLoaded, labelNames: ['cluster'], registers }),
    policyFailures: new Counter({ ...policyFailures, labelNames: ['cluster'], registers })
  }
  const ended = new Counter({ ...jobsEnded, labelNames: ['cluster', 'outcome', 'reason'], registers })
  const ofJobs = { labelNames: ['cluster'] as const, buckets: JOB_BUCKETS, registers }
  const waits = new Histogram({ ...wait, ...ofJobs })
  const runs = new Histogram({ ...run, ...ofJobs })
  return {
    own: OWN,
    countsOf: cluster => ({
      relisted: kind => counts.relists.inc({ cluster, kind }),
      reconnected: (kind, cause) => counts.reconnects.inc({ cluster, kind, cause }),
      throttled: () => counts.throttled.inc({ cluster }),
      outputReopened: () => counts.reopened.inc({ cluster }),
      foreignLines: lines => counts.foreign.inc({ cluster }, lines),
      policyLoaded: ok =>
        ok ? counts.policyLoaded.setToCurrentTime({ cluster }) : counts.policyFailures.inc({ cluster }),
      showDataSpace: freeBytes => dataSpace.set(cluster, freeBytes),
      showAge: (kind, ageMs) => ages.set(`${cluster} ${kind}`, { labels: { cluster, kind }, ageMs })
    }),
    contentType: registry.contentType,
    text () {
      // Watching the event loop wakes the process 100 times a second, so it begins with the first reading.
      if (!ofNode) {
        collectDefaultMetrics({ register: registry })
        for (const name of MISNAMED) registry.removeSingleMetric(name)
      }
      ofNode = true
      return registry.metrics()
    },
    requests: new Histogram({
      ...request,
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers
    }),
    submissions: new Counter({ ...submission, labelNames: ['cluster', 'outcome'], registers }),
    commits: new Histogram({
      ...commit,
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5],
      registers
    }),
    ended (jobs) {
      for (const job of jobs) {
        const outcome = outcomeOf(job)
        if (outcome === undefined) continue
        const { cluster, reason = 'none', submissionTime, startTime, endTime } = job
        ended.inc({ cluster, outcome, reason })
        if (startTime === undefined || endTime === undefined) continue
        // Times of a cluster are those of its clock.
        waits.observe({ cluster }, Math.max(0, startTime - submissionTime) / 1000)
        runs.observe({ cluster }, Math.max(0, endTime - startTime) / 1000)
      }
    },
    observeLog (dropped) {
      registry.registerMetric(new Counter({
        ...logLinesDropped,
        registers: [],
        collect () {
          this.reset()
          this.inc(dropped())
        }
      }))
    },
    observeDisk (freeBytes) {
      registry.registerMetric(new Gauge({
        ...freeBytesMetric,
        registers: [],
        collect () { this.set(freeBytes()) }
      }))
    },
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
      queueGauge(inFlight, ({ starts }) => starts.pending)
    }
  }
}
