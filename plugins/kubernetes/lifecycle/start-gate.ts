// The pass that lets a job's container start, where Kubernetes would run it a second time: a key of a ConfigMap, the
// gate, that an environment variable of the container refers to. A node looks it up before it makes the container, and
// makes none when the key is gone.

import type { V1ConfigMap } from '@kubernetes/client-node'
import { ownLabels, type Owner } from '../metadata/labels.ts'
import { startOf, type TrackedPod } from '../cache/tracked-pod.ts'
import { isLive, type JobView } from '../cache/views.ts'

/** From this minor version on a Job waits for the end of its pod before it makes another. */
export const NO_GATE_SINCE = 26
/** How many jobs share a gate. Each of their nodes reads all of it whenever it changes. */
export const PASSES = 100
const OPEN = 'open'

/** A server whose version is unknown counts as old. */
export function needsGate (minor: number | undefined): boolean {
  return minor === undefined || minor < NO_GATE_SINCE
}

/** It belongs to no Job: other jobs need it when one is gone. */
export function gateObject (name: string, owner: Owner): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: ownLabels(owner) },
    data: Object.fromEntries(Array.from({ length: PASSES }, (_, index) => [passKey(index), OPEN]))
  }
}

export function passKey (index: number): string {
  return String(index)
}

/** A merge patch (application/merge-patch+json) of a gate. A key that is gone already does not matter. */
export function takeBackPatch (keys: Iterable<string>): { data: Record<string, null> } {
  return { data: Object.fromEntries(Array.from(keys, key => [key, null])) }
}

/** Whether no container of the job has to start any more: its program has started, or never will. */
export function isSpent (jobView: JobView, pods: readonly TrackedPod[]): boolean {
  return !canMakePods(jobView) || pods.some(pod => startOf(pod) !== undefined)
}

/** Whether Kubernetes would answer the loss of a pod with another one. */
export function canMakePods (jobView: JobView): boolean {
  return isLive(jobView) && (jobView.paused || jobView.parallelism !== 0)
}
