// Reads the resource usage of a pod from the metrics server of the cluster, if it has one.

import { LauncherError } from '../../../launcher/errors.ts'
import type { Resources } from '../../../launcher/plugin.ts'
import { podMetricsPath } from '../client/paths.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound, isNotServed } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import { rawMessage } from '../client/server-message.ts'
import { parseQuantity } from '../objects/quantity.ts'

/** A PodMetrics of metrics.k8s.io/v1beta1. */
export interface PodMetrics {
  readonly metadata?: { readonly name: string }
  readonly timestamp: string
  readonly containers: ReadonlyArray<{ readonly usage: { readonly cpu: string, readonly memory: string } }>
}

/** Rejects with ResourcesNotAvailable. */
export async function readPodUsage (
  client: Calls,
  namespace: string,
  pod: string
): Promise<Resources> {
  try {
    return usageOf(
      await client.call<PodMetrics>({ method: 'GET', path: podMetricsPath(namespace, pod), noRetry: true })
    )
  } catch (error) {
    throw notAvailable(error)
  }
}

/** Returns ResourcesNotAvailable for a failed request of metrics, or the error itself. */
export function notAvailable (error: unknown): unknown {
  if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) return error
  return new LauncherError(
    'ResourcesNotAvailable',
    `The resource usage of the job is not known: ${causeText(error)}.`,
    {},
    { cause: error }
  )
}

function causeText (error: KubeApiError | NoAnswerError): string {
  if (isNotServed(error)) return 'the cluster has no metrics server (metrics.k8s.io)'
  if (isNotFound(error)) return 'the metrics server has not measured the job yet'
  if (isForbidden(error)) return 'the launcher has no right to read metrics.k8s.io'
  return 'the metrics server does not answer: ' +
    `${rawMessage(error instanceof KubeApiError ? error.serverMessage : error.message)}`
}

/** The sum over all containers of the pod. Pure. */
export function usageOf ({ timestamp, containers }: PodMetrics): Resources {
  const sum = (key: 'cpu' | 'memory'): number =>
    containers.reduce((total, { usage }) => total + (parseQuantity(usage[key]) || 0), 0)
  return { time: Date.parse(timestamp), cpus: sum('cpu'), residentBytes: sum('memory') }
}
