// Evaluates a job whose program runs: its timeout, and whether its port is ready. Pure.

import { timeoutOf } from '../../../launcher/plugin-kit/timeout.ts'
import { startOf, type TrackedPod } from '../cache/tracked-pod.ts'
import { active, REQUEUE_MS } from './observed.ts'
import { lateSince, podReadiness } from './pod-readiness.ts'
import { lastProbeFailure } from './probe-failure.ts'
import type { Evaluation, Snapshot } from './snapshot.ts'
import { READ_EVENTS_INTERVAL_MS } from './while-waiting.ts'

export function whileRunning (snapshot: Snapshot, firstPod: TrackedPod): Evaluation {
  const { job, synced, events = [], now } = snapshot
  const startTime = startOf(firstPod) ?? job.startTime
  const seen = active(firstPod, { message: undefined })
  if (startTime === undefined || seen.state !== 'running') return { observation: seen }
  const timeout = synced ? timeoutOf(job, () => now - startTime) : {}
  const readiness = podReadiness(job, firstPod, startTime, synced ? now - startTime : undefined, events)
  const isLate = synced && readiness.reason === 'NotReady'
  // The node may not have written its words yet.
  const lookAgainMs = lastProbeFailure(events) === undefined ? READ_EVENTS_INTERVAL_MS : Infinity
  const requeueAfterMs = Math.min(
    timeout.requeueAfterMs ?? Infinity,
    readiness.requeueAfterMs ?? Infinity,
    isLate ? Math.max(snapshot.newerEventsInMs ?? lookAgainMs, REQUEUE_MS) : Infinity
  )
  return {
    observation: { ...seen, ...timeout, ...readiness, ...(requeueAfterMs < Infinity && { requeueAfterMs }) },
    ...(isLate && {
      eventsFor: { uid: firstPod.uid, since: Math.max(lateSince(job, startTime), now - READ_EVENTS_INTERVAL_MS) }
    })
  }
}
