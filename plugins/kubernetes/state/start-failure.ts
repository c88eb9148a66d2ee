// Classifies a failed start, with a message for the job's user: final for the job, or transient. Pure.

import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError, isNotFound, isNotServed, isQuota } from '../client/errors.ts'
import { quoted, quotedRule } from '../client/server-message.ts'
import { admissionRefusalOf, type AdmissionRefusal } from './admission-refusal.ts'
import { lacksRight, missingRight } from '../client/missing-right.ts'
import { rejectedCredentials, rejectsCredentials } from '../client/rejected-credentials.ts'
import { isBeingDeleted, namespaceDeleted, namespaceMissing } from './missing-namespace.ts'
import { quotaProblem } from './quota.ts'

/** HTTP statuses with which the API server rejects the object itself. */
const REJECTED_STATUSES: readonly number[] = [400, 413, 422]

/**
 * Returns a LauncherError if the API server rejects the object, a RetryableError if something in the namespace prevents
 * it for now, and otherwise the error unchanged. `what` is the kind of the object that could not be created, such as
 * "Job".
 */
export function startFailure (error: unknown, what: string, namespace: string): unknown {
  if (!(error instanceof KubeApiError)) return error
  const { status, serverMessage, api } = error
  const quotation = quoted('Kubernetes', serverMessage)
  if (isQuota(error)) {
    return new RetryableError(
      `${quotaProblem(serverMessage, namespace, what)}${quotation}.`,
      { reason: 'QuotaExceeded', cause: error }
    )
  }
  if (rejectsCredentials(error)) {
    const { message, help } = rejectedCredentials(error)
    return new RetryableError(`${message} ${help}`, { reason: 'RefusedByCluster', cause: error })
  }
  if (lacksRight(error)) {
    return new RetryableError(missingRight(error, namespace), { reason: 'RefusedByCluster', cause: error })
  }
  const refusal = admissionRefusalOf(serverMessage, namespace)
  if (refusal !== undefined) return refused(refusal, what, error)
  if (isNotServed(error)) {
    return new RetryableError(
      `The API server does not serve ${api}, which has the ${what} of a job; the operator switches it on with ` +
      `--runtime-config of the API server${quotation}.`,
      { reason: 'RefusedByCluster', cause: error }
    )
  }
  if (isNotFound(error)) {
    return new RetryableError(
      `${namespaceMissing(namespace)}${quotation}.`,
      { reason: 'NamespaceNotFound', cause: error }
    )
  }
  if (status === 403 && isBeingDeleted(serverMessage)) {
    return new RetryableError(
      `${namespaceDeleted(namespace)}${quotation}.`,
      { reason: 'NamespaceNotFound', cause: error }
    )
  }
  if (status === 403) {
    return new RetryableError(
      `The cluster does not accept a ${what} in the namespace ${namespace} now${quotation}.`,
      { cause: error }
    )
  }
  if (REJECTED_STATUSES.includes(status)) {
    return new LauncherError(
      'InvalidJob',
      `The cluster rejects the job's ${what}${quotation}.`,
      { object: what },
      { cause: error }
    )
  }
  return error
}

/**
 * As `startFailure`, for an object that is not to be created: what a webhook or a policy denies now is final, because
 * no start waits for another decision.
 */
export function dryRunFailure (error: unknown, what: string, namespace: string): unknown {
  const refusal = error instanceof KubeApiError ? admissionRefusalOf(error.serverMessage, namespace) : undefined
  return refusal?.by === 'decision'
    ? rejected(refusal, what, error as KubeApiError, ' Submitted anyway, the job waits for another decision.')
    : startFailure(error, what, namespace)
}

function refused (refusal: AdmissionRefusal, what: string, error: KubeApiError): unknown {
  if (refusal.by === 'rule') return rejected(refusal, what, error)
  return new RetryableError(
    `The cluster refuses the job's ${what} for now: ${refusal.why}${quotedRule('Kubernetes', error.serverMessage)}.`,
    { reason: 'RefusedByCluster', cause: error }
  )
}

function rejected ({ why }: AdmissionRefusal, what: string, error: KubeApiError, hint = ''): LauncherError {
  return new LauncherError(
    'RefusedByCluster',
    `The cluster rejects the job's ${what}: ${why}${quotedRule('Kubernetes', error.serverMessage)}.${hint}`,
    { object: what },
    { cause: error }
  )
}

/** Returns a failure of the API server or of the connection as a RetryableError, and any other error unchanged. */
export function retryableIfFromServer (error: unknown): unknown {
  if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) return error
  return new RetryableError(error.message, { cause: error })
}
