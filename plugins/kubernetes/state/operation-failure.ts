// Explains why the cluster did not carry out an operation: it refused it, or it is not available.

import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { quoted, quotedRule } from '../client/server-message.ts'
import { admissionRefusalOf, isAdmissionRefusal } from './admission-refusal.ts'
import { lacksRight, missingRight } from '../client/missing-right.ts'

export interface Where {
  readonly cluster: string
  readonly namespace: string
}

/** HTTP statuses with which the API server refuses a request that it understands. */
const REFUSED_STATUSES: readonly number[] = [400, 403, 413, 422]

/** Whether the API server answered that it does not carry out the request, and why. */
export function isRefused (error: unknown): error is KubeApiError {
  return error instanceof KubeApiError &&
    (REFUSED_STATUSES.includes(error.status) || isAdmissionRefusal(error.serverMessage))
}

/** Does the work. Rejects with RefusedByCluster or ClusterUnavailable if the API server did not carry it out. */
export async function asOperation<T> (where: Where, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw operationFailure(error, where)
  }
}

/** Returns an error that is not the cluster's unchanged. */
export function operationFailure (error: unknown, { cluster, namespace }: Where): unknown {
  const cause = error instanceof RetryableError ? error.cause : error
  if (isRefused(cause)) {
    const message = lacksRight(cause) ? missingRight(cause, namespace) : refusalText(cause, { cluster, namespace })
    return new LauncherError('RefusedByCluster', message, { cluster }, { cause })
  }
  if (!(cause instanceof KubeApiError || cause instanceof NoAnswerError)) return error
  return new LauncherError(
    'ClusterUnavailable', `The cluster ${cluster} cannot do this now. ${cause.message}`, { cluster }, { cause }
  )
}

function refusalText ({ serverMessage }: KubeApiError, { cluster, namespace }: Where): string {
  const rule = admissionRefusalOf(serverMessage, namespace)
  return rule === undefined
    ? `The cluster ${cluster} refuses this${quoted('Kubernetes', serverMessage)}.`
    : `The cluster ${cluster} refuses this: ${rule.why}${quotedRule('Kubernetes', serverMessage)}.`
}
