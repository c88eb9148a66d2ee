// The pass that lets a job's container start, where Kubernetes would run it a second time: a key of a ConfigMap, the
// gate, that an environment variable of the container refers to. A node looks it up before it makes the container, and
// makes none when the key is gone.

import type { V1ConfigMap, V1EnvVar, V1Job, V1PodSpec } from '@kubernetes/client-node'
import { ownLabels, type Owner } from './labels.ts'
import { startOf, type PodSight } from './pod-sight.ts'
import type { Wire } from './project.ts'
import { isLive } from './sight.ts'
import { CONTENT, type JobView } from './views.ts'

/** One key of one gate, for one job. */
export interface StartPass {
  readonly gate: string
  readonly key: string
}

/** From this minor version on a Job waits for the end of its pod before it makes another. */
export const NO_GATE_SINCE = 26
/** How many jobs share a gate. Each of their nodes reads all of it whenever it changes. */
export const PASSES = 100
export const GATE_VARIABLE = 'JOB_LAUNCHER_GATE'
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

/** The Job as one whose program starts only as long as the pass is there. */
export function withPass (job: V1Job, pass: StartPass | undefined): V1Job {
  if (pass === undefined) return job
  const needed: V1EnvVar = { name: GATE_VARIABLE, valueFrom: { configMapKeyRef: { name: pass.gate, key: pass.key } } }
  const { template } = job.spec!
  const { containers, ...rest } = template.spec!
  const bound = containers.map(container => container.name !== CONTENT
    ? container
    : { ...container, env: [...(container.env ?? []).filter(({ name }) => name !== GATE_VARIABLE), needed] })
  return { ...job, spec: { ...job.spec!, template: { ...template, spec: { ...rest, containers: bound } } } }
}

/** The pass that a pod needs, if it needs one. */
export function passOf (spec: Wire<V1PodSpec> | undefined): StartPass | undefined {
  const variable = spec?.containers.find(({ name }) => name === CONTENT)?.env?.find(({ name }) => name === GATE_VARIABLE)
  const { name: gate, key } = variable?.valueFrom?.configMapKeyRef ?? {}
  return gate === undefined || key === undefined ? undefined : { gate, key }
}

/** Whether no container of the job has to start any more: its program has started, or never will. */
export function isSpent (jobView: JobView, pods: readonly PodSight[]): boolean {
  return !canMakePods(jobView) || pods.some(pod => startOf(pod) !== undefined)
}

/** Whether Kubernetes would answer the loss of a pod with another one. */
export function canMakePods (jobView: JobView): boolean {
  return isLive(jobView) && (jobView.held || jobView.parallelism !== 0)
}
