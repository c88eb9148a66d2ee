// Classifies a failed start, with a message for the job's user: final for the job, or transient. Pure.

import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError, isNotFound, isQuota } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'

/** HTTP statuses with which the API server rejects the object itself. */
const REJECTED_STATUSES: readonly number[] = [400, 413, 422]
/** Messages of admission rules that reject an object, as opposed to missing rights of the launcher. */
const ADMISSION_RULE =
  /admission webhook|violates PodSecurity|denied the request|ValidatingAdmissionPolicy|forbidden: (maximum|minimum) /

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
      `The namespace ${namespace} has used up its quota; the job starts when others have ended${quotation}.`,
      { reason: 'QuotaExceeded', cause: error }
    )
  }
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
  if (status === 403 && !ADMISSION_RULE.test(serverMessage)) {
    return new RetryableError(
      `The launcher has no right to create a ${what} in the namespace ${namespace}; job-launcher doctor shows ` +
      `what is missing${quotation}.`,
      { cause: error }
    )
  }
  if (status === 403 || REJECTED_STATUSES.includes(status)) {
    return new LauncherError(
      'InvalidJob',
      `The cluster rejects the job's ${what}${quotation}.`,
      { object: what },
      { cause: error }
    )
  }
  return error
}

/** Returns a failure of the API server or of the connection as a RetryableError, and any other error unchanged. */
export function retryableIfFromServer (error: unknown): unknown {
  if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) return error
  return new RetryableError(error.message, { cause: error })
}
