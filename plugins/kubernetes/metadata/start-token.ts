// How the token that a container needs for its start is written on a Job, and read back from a pod.

import type { V1PodSpec, V1EnvVar, V1Job } from '@kubernetes/client-node'
import { CONTENT } from './names.ts'
import type { Wire } from '../client/wire.ts'

export const GATE_VARIABLE = 'JOB_LAUNCHER_GATE'

/** One key of one gate, for one job. */
export interface StartToken {
  readonly gate: string
  readonly key: string
}

/** The pass that a pod needs, if it needs one. */
export function startTokenOf (spec: Wire<V1PodSpec> | undefined): StartToken | undefined {
  const variable = spec?.containers
    .find(({ name }) => name === CONTENT)
    ?.env?.find(({ name }) => name === GATE_VARIABLE)
  const { name: gate, key } = variable?.valueFrom?.configMapKeyRef ?? {}
  return gate === undefined || key === undefined ? undefined : { gate, key }
}

/** The Job as one whose program starts only as long as the pass is there. */
export function withStartToken (job: V1Job, pass: StartToken | undefined): V1Job {
  if (pass === undefined) return job
  const needed: V1EnvVar = { name: GATE_VARIABLE, valueFrom: { configMapKeyRef: { name: pass.gate, key: pass.key } } }
  const { template } = job.spec!
  const { containers, ...rest } = template.spec!
  const bound = containers.map(container => container.name !== CONTENT
    ? container
    : { ...container, env: [...(container.env ?? []).filter(({ name }) => name !== GATE_VARIABLE), needed] })
  return { ...job, spec: { ...job.spec!, template: { ...template, spec: { ...rest, containers: bound } } } }
}
