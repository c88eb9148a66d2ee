// Runs one small Job, as a job's own, to see what its pod can do. Removes it in every case.

import type { V1Pod } from '@kubernetes/client-node'
import { setTimeout as delay } from 'node:timers/promises'
import type { Job, Outcome } from '../../../launcher/plugin.ts'
import { listEvents } from '../cache/event-list.ts'
import { terminatedOf, trackPod, type Terminated, type TrackedPod } from '../cache/tracked-pod.ts'
import { transformPod } from '../cache/transform.ts'
import type { EventView } from '../cache/views.ts'
import { ignoreNotFound } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import type { Wire } from '../client/wire.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { LABEL } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import { outcomeOf } from '../state/outcome.ts'
import { waitingForPod, waitingOf } from '../state/pending-reason.ts'
import { DEADLINE_MS } from './failed-check.ts'

export type TrialEnd =
  | { readonly state: 'ended', readonly outcome: Outcome, readonly terminated?: Terminated, readonly node?: string }
  /** It did not end in time. `why` is a sentence: what it waits for. */
  | { readonly state: 'late', readonly why: string }

export interface Trial {
  readonly job: Job
  readonly objects: Objects
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

const LOOK_EVERY_MS = 200

/** Rejects with KubeApiError or NoAnswerError. */
export async function runTrial (
  client: Calls, namespace: string, { job, objects, timeoutMs, signal }: Trial
): Promise<TrialEnd> {
  const path = jobsPath(namespace)
  const endAt = performance.now() + timeoutMs
  try {
    const { metadata } = await client.call<{ metadata: { uid: string } }>({
      method: 'POST', path, body: withEnd(objects.job, timeoutMs), deadlineMs: DEADLINE_MS
    })
    let pod: TrackedPod | undefined
    for (;;) {
      pod = await readPod(pod)
      const outcome = pod && outcomeOf(job, undefined, pod)
      if (pod !== undefined && outcome !== undefined) return { state: 'ended', outcome, ...whereOf(pod) }
      if (signal?.aborted === true || performance.now() >= endAt) {
        const events = await eventsOf(pod?.uid ?? metadata.uid)
        return { state: 'late', why: whyLate(job, namespace, pod, events) }
      }
      await delay(LOOK_EVERY_MS)
    }
  } finally {
    // Also if the create got no reply: it may have been carried out.
    await ignoreNotFound(client.call({
      method: 'DELETE',
      path: `${path}/${objectName(job.id)}`,
      query: { propagationPolicy: 'Background' },
      deadlineMs: DEADLINE_MS
    })).catch(() => {})
  }

  /** The trial ends without them if they cannot be read. */
  async function eventsOf (uid: string): Promise<readonly EventView[]> {
    const events = await listEvents(client, namespace).catch(() => new Map<string, readonly EventView[]>())
    return events.get(uid) ?? []
  }

  async function readPod (before: TrackedPod | undefined): Promise<TrackedPod | undefined> {
    const { items } = await client.call<{ items: Array<Wire<V1Pod>> }>({
      method: 'GET',
      path: podsPath(namespace),
      query: { labelSelector: `${LABEL.job}=${job.id}` },
      deadlineMs: DEADLINE_MS
    })
    const view = items.map(transformPod).find(found => found !== undefined)
    return view === undefined ? before : trackPod(before, view)
  }
}

/** The cluster ends and removes the Job itself if the process that created it is killed. */
function withEnd (job: Objects['job'], timeoutMs: number): Objects['job'] {
  const seconds = Math.ceil(timeoutMs / 1000)
  return { ...job, spec: { ...job.spec!, activeDeadlineSeconds: 2 * seconds, ttlSecondsAfterFinished: seconds } }
}

function whereOf (pod: TrackedPod): { readonly terminated?: Terminated, readonly node?: string } {
  const terminated = terminatedOf(pod)
  return { ...(terminated !== undefined && { terminated }), ...(pod.node !== undefined && { node: pod.node }) }
}

function whyLate (
  job: Job, namespace: string, pod: TrackedPod | undefined, events: readonly EventView[]
): string {
  if (pod === undefined) return waitingForPod(events, namespace).message
  return pod.programStartedAt === undefined
    ? waitingOf(pod, job.submission, events).message
    : `Its program runs on the node ${pod.node} and does not end.`
}
