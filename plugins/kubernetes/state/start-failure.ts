// Classifies a failed start, with a message for the job's user: final for the job, or transient. Pure.

import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError, isNotFound, isQuota } from '../client/errors.ts'
import { quoted, quotedRule } from '../client/server-message.ts'
import { admissionRefusalOf, type AdmissionRefusal } from './admission-refusal.ts'
import { quotaProblem } from './quota.ts'

/** HTTP statuses with which the API server rejects the object itself. */
const REJECTED_STATUSES: readonly number[] = [400, 413, 422]
/** How an authorizer refuses, as opposed to an admission rule. */
const NO_RIGHT = /User "[^"]*" cannot /

/**
 * Returns a LauncherError if the API server rejects the object, a RetryableError if something in the namespace prevents
 * it for now, and otherwise the error unchanged. `what` is the kind of the object that could not be created, such as
 * "Job".
 */
export function startFailure (error: unknown, what: string, namespace: string): unknown {
  if (!(error instanceof KubeApiError)) return error
  const { status, serverMessage } = error
  const quotation = quoted('Kubernetes', serverMessage)
  if (isQuota(error)) {
    return new RetryableError(
      `${quotaProblem(serverMessage, namespace, what)}${quotation}.`,
      { reason: 'QuotaExceeded', cause: error }
    )
  }
  if (lacksRight(error)) {
    return new RetryableError(
      `The launcher has no right to create a ${what} in the namespace ${namespace}; job-launcher doctor shows ` +
      `what is missing${quotation}.`,
      { cause: error }
    )
  }
  const refusal = admissionRefusalOf(serverMessage)
  if (refusal !== undefined) return refused(refusal, what, error)
  if (isNotFound(error)) {
    return new RetryableError(
      `The namespace ${namespace} does not exist; the operator must create it${quotation}.`,
      { cause: error }
    )
  }
  if (status === 403 && serverMessage.includes('is being terminated')) {
    return new RetryableError(
      `The namespace ${namespace} is being deleted; the operator must create it again${quotation}.`,
      { cause: error }
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

/** Whether the launcher lacks the right to do what it requested. */
export function lacksRight (error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 403 && NO_RIGHT.test(error.serverMessage)
}

/** A webhook may decide otherwise later, but a start has to end: the client can submit the job again. */
function refused ({ by, why }: AdmissionRefusal, what: string, error: KubeApiError): unknown {
  const quotation = quotedRule('Kubernetes', error.serverMessage)
  if (by === 'condition') {
    return new RetryableError(
      `The cluster refuses the job's ${what} for now: ${why}${quotation}.`,
      { reason: 'RefusedByCluster', cause: error }
    )
  }
  return new LauncherError(
    'InvalidJob',
    `The cluster rejects the job's ${what}: ${why}${quotation}.`,
    { object: what },
    { cause: error }
  )
}

/** Returns a failure of the API server or of the connection as a RetryableError, and any other error unchanged. */
export function retryableIfFromServer (error: unknown): unknown {
  if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) return error
  return new RetryableError(error.message, { cause: error })
}
