// Sample views of a Job and of its pod. Their clock starts at the creation of the Job.

import type { Job } from '../../../launcher/plugin.ts'
import { trackPod, type TrackedPod } from '../../../plugins/kubernetes/cache/tracked-pod.ts'
import type { Snapshot } from '../../../plugins/kubernetes/state/snapshot.ts'
import { type ContainerView, type JobView, type PodView } from '../../../plugins/kubernetes/cache/views.ts'
import { CONTENT } from '../../../plugins/kubernetes/metadata/names.ts'

/** Creation of the Job, in milliseconds since 1970. Its pod is scheduled 1 s later and runs 2 s later. */
export const CREATED = 1_800_000_000_000
export const STARTED = CREATED + 2000
export const NOW = CREATED + 60_000

const ID = '0'.repeat(26)

export function jobOf (changes: Partial<Job> = {}): Job {
  return {
    id: ID,
    user: 'ann',
    cluster: 'Kubernetes',
    submission: { name: 'report', command: 'true', container: { image: 'registry.example/report:1' } },
    submissionTime: CREATED - 100,
    status: 'Running',
    revision: 1,
    lastUpdateTime: CREATED,
    submittedToBackend: true,
    ...changes
  }
}

export function jobViewOf (changes: Partial<JobView> = {}): JobView {
  return {
    uid: 'job-uid',
    name: `job-${ID}`,
    resourceVersion: '1',
    jobId: ID,
    createdAt: CREATED,
    parallelism: 1,
    paused: false,
    active: 1,
    succeeded: 0,
    failed: 0,
    conditions: [],
    ...changes
  }
}

/** A running pod. */
export function podOf (changes: Partial<PodView> = {}): PodView {
  return {
    uid: 'pod-1',
    name: `job-${ID}-abcde`,
    resourceVersion: '1',
    jobId: ID,
    jobUid: 'job-uid',
    namespace: 'jobs',
    createdAt: CREATED,
    phase: 'Running',
    node: 'node-a',
    startedAt: CREATED + 1000,
    conditions: [{ type: 'PodScheduled', status: 'True', at: CREATED + 1000 }],
    initContainers: [],
    containers: [running],
    ...changes
  }
}

export const running: ContainerView = { name: CONTENT, running: { startedAt: STARTED } }

export function waiting (reason: string, message?: string): ContainerView {
  return { name: CONTENT, waiting: { reason, ...(message !== undefined && { message }) } }
}

export function terminated (
  exitCode: number,
  changes: Partial<NonNullable<ContainerView['terminated']>> = {}
): ContainerView {
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  return {
    name: CONTENT,
    terminated: { exitCode, reason, startedAt: STARTED, finishedAt: NOW - 5000, ...changes }
  }
}

/** The tracked pod after these views of it. */
export function trackedPod (...views: PodView[]): TrackedPod {
  return views.reduce<TrackedPod | undefined>(trackPod, undefined)!
}

export function gonePod (...views: PodView[]): TrackedPod {
  return { ...trackedPod(...views), gone: true }
}

export function snapshotOf (changes: Partial<Snapshot> = {}): Snapshot {
  return {
    job: jobOf(),
    namespace: 'jobs',
    jobView: jobViewOf(),
    pods: [trackedPod(podOf())],
    synced: true,
    relisted: true,
    hasOutput: false,
    events: [],
    deadlines: { imagePullMs: 900_000, startMs: 86_400_000 },
    now: NOW,
    sinceRequestedMs: 500,
    ...changes
  }
}
