// Builds the readiness probe of a job with a port that says when it is ready.

import type { V1Probe } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'

/** Between two probes, which go on as long as the pod runs. A new program is seen to be ready so late at most. */
const PERIOD_SECONDS = 2
/** How long the node waits for an answer. */
export const ANSWER_SECONDS = 5
/** A Service leads to no pod that is not ready. A program that is busy for a minute keeps its Service. */
const FAILURES = 30

/** Returns the port with `ready`, with its index. An admitted submission has one at most. */
export function readyPortOf ({ exposedPorts = [] }: JobSubmission) {
  const index = exposedPorts.findIndex(({ ready }) => ready !== undefined)
  const { targetPort, ready } = exposedPorts[index] ?? {}
  return ready === undefined ? undefined : { index, port: targetPort!, httpPath: ready.httpPath }
}

export function readinessProbe (submission: JobSubmission): V1Probe | undefined {
  const found = readyPortOf(submission)
  if (found === undefined) return undefined
  const { port, httpPath } = found
  return {
    ...(httpPath === undefined ? { tcpSocket: { port } } : { httpGet: { path: httpPath, port } }),
    periodSeconds: PERIOD_SECONDS,
    timeoutSeconds: ANSWER_SECONDS,
    failureThreshold: FAILURES
  }
}

/** Throws NotSupportedByCluster, with the field: a container has one readiness probe. */
export function checkReadyPort ({ exposedPorts = [] }: JobSubmission): void {
  const [first, second] = exposedPorts.flatMap(({ ready }, index) => ready === undefined ? [] : [index])
  if (second === undefined) return
  throw new LauncherError(
    'NotSupportedByCluster',
    `exposedPorts[${first}] and exposedPorts[${second}] both have ready; Kubernetes asks one port of a container. ` +
    'Keep ready of the port that answers last.',
    { field: `exposedPorts[${second}].ready` }
  )
}
