// Examples of what calls take and give, for the OpenAPI document. A test holds each to its schema.

import { ERRORS } from '../errors.ts'

const id = '38har15y20wjg1k550gfzgqrag'
const started = '2026-01-31T12:00:00.250Z'
const ended = '2026-01-31T12:00:41.900Z'

const submission = {
  name: 'report',
  exe: 'Rscript',
  args: ['report.R', '--year', '2026'],
  environment: [{ name: 'LANG', value: 'C.UTF-8' }],
  tags: ['reports']
}

const described = {
  ...submission,
  user: 'anna',
  cluster: 'batch',
  status: 'Pending',
  submissionTime: '2026-01-31T12:00:00.000Z',
  lastUpdateTime: '2026-01-31T12:00:00.000Z'
}

const pending = { id, ...described, revision: 176450 }

const outcome = { status: 'Finished', outcome: 'succeeded', reason: 'Exited', exitCode: 0 }

const finished = {
  ...pending,
  ...outcome,
  message: 'The program exited with 0.',
  revision: 176453,
  startTime: started,
  endTime: ended,
  lastUpdateTime: ended,
  usage: { cpuSeconds: 38.2, peakMemoryBytes: 201_326_592, sampled: ['peakMemoryBytes'] }
}

const port = { targetPort: 3838, publishedPort: 3838, protocol: 'TCP', address: '10.1.2.3' }
const network = { host: 'node-1', addresses: ['10.1.2.3'], ports: [port] }

const served = {
  ...pending,
  name: 'app',
  exposedPorts: [{ targetPort: 3838, ready: { httpPath: '/', timeoutSeconds: 120 } }],
  status: 'Running',
  revision: 176455,
  startTime: started,
  readyTime: '2026-01-31T12:00:02.400Z',
  lastUpdateTime: '2026-01-31T12:00:02.400Z',
  network
}

const resources = { time: started, cpuSeconds: 12.4, cpus: 0.97, residentBytes: 184_549_376, processes: 3 }

const cluster = {
  name: 'batch',
  type: 'Batch',
  ready: true,
  operations: ['suspend', 'resume', 'stop', 'kill', 'cancel'],
  unsupportedFields: ['container'],
  output: 'separate',
  limits: [{
    type: 'memory',
    enforced: true,
    max: { value: 16_000, file: '/etc/launcher/profiles.conf', line: 5 }
  }],
  ownLimits: true,
  policy: { since: started, lastTried: started },
  waitingJobs: 0,
  maxWaitingJobs: 10_000
}

/** One or several, by the title of the schema. */
export const EXAMPLES: Readonly<Record<string, object | object[]>> = {
  Adoption: { complete: false, clusters: ['batch'] },
  Cluster: cluster,
  ClusterList: { clusters: [cluster] },
  Control: { operation: 'stop' },
  ControlAll: { operation: 'stop', all: true },
  ControlledJobs: { jobs: [{ id, operation: 'stop', status: 'Running' }], complete: true },
  Explanation: {
    cluster: 'batch',
    user: 'anna',
    groups: ['analysts'],
    accepted: true,
    refusals: [],
    limits: [{
      type: 'memory',
      value: 2000,
      setBy: { key: 'default-mem-mb', file: '/etc/launcher/profiles.conf', line: 4 },
      enforced: true
    }],
    start: {
      priority: 10,
      sharedPriority: 5,
      maxPriority: { key: 'max-priority', value: 5, file: '/etc/launcher/profiles.conf', line: 6 }
    }
  },
  Job: [finished, pending, served],
  JobNetwork: network,
  JobList: { jobs: [finished], complete: true, lastEventId: '5f9a1b2c-176453' },
  JobPreview: described,
  JobSubmission: submission,
  JobSummary: {
    count: 1,
    byStatus: { Pending: 0, Running: 0, Suspended: 0, Finished: 1, Failed: 0, Killed: 0, Canceled: 0 },
    byOutcome: { succeeded: 1, failed: 0, stopped: 0, lost: 0 },
    byUser: { anna: 1 },
    byCluster: { batch: 1 },
    complete: true
  },
  Liveness: { live: true },
  Network: { ...network, ports: [{ ...port, listening: true }] },
  NewArray: { array: { id, count: 2 }, ids: [id, '38har15y20wjg1k550gfzgqrah'] },
  OutputEnd: outcome,
  OutputPart: { stream: 'stdout', offset: 0, text: 'Reading 12 files\n' },
  Problem: {
    type: 'urn:job-launcher:error:JobNotFound',
    title: 'The job does not exist',
    status: 404,
    code: 'JobNotFound',
    detail: `There is no job ${id}.`,
    help: ERRORS.JobNotFound.help
  },
  Readiness: {
    ready: true,
    adopted: true,
    clusters: [{ name: 'batch', ready: true, adopted: true }],
    disk: { full: false, freeBytes: 52_428_800_000 }
  },
  RemovedJob: { id, why: 'expired' },
  Reset: {},
  Resources: resources,
  SingleJobSubmission: submission,
  Usage: {
    jobs: [
      {
        id,
        name: 'report',
        user: 'anna',
        cluster: 'batch',
        status: 'Running',
        host: 'node-1',
        instance: 'f0a1b2c3d4e5',
        cpus: 0.97,
        memoryBytes: 184_549_376,
        peakMemoryBytes: 201_326_592,
        cpuSeconds: 12.4,
        measuredTime: started
      }
    ],
    totals: { jobs: 1, measuredJobs: 1, cpus: 0.97, memoryBytes: 184_549_376 },
    complete: true
  }
}

/** Parameters of paths, by name. */
export const PATH_EXAMPLES: Readonly<Record<string, string>> = { id, key: 'report-2026', name: 'batch' }
