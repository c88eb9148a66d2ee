// Classifies a failed start, with a message for the job's user: final for the job, or transient. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import type { Reason } from '../../../launcher/plugin.ts'
import { KubeApiError, isNotFound, isQuota } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'

/** The start is tried again; the message stands on the pending job meanwhile. */
export class PassingTrouble extends Error {
  readonly reason: Reason | undefined

  constructor (message: string, reason: Reason | undefined, cause: unknown) {
    super(message, { cause })
    this.name = 'PassingTrouble'
    this.reason = reason
  }
}

/** HTTP statuses with which the API server rejects the object itself. */
const REJECTED_STATUSES: readonly number[] = [400, 413, 422]
/** Messages of admission rules that reject an object, as opposed to missing rights of the launcher. */
const ADMISSION_RULE =
  /admission webhook|violates PodSecurity|denied the request|ValidatingAdmissionPolicy|forbidden: (maximum|minimum) /

/** `what` is the kind of the object that could not be created, such as "Job". */
export function startFailure (error: unknown, what: string, namespace: string): unknown {
  if (!(error instanceof KubeApiError)) return error
  const { status, serverMessage } = error
  const quotation = quoted('Kubernetes', serverMessage)
  if (isQuota(error)) {
    return new PassingTrouble(
      `The namespace ${namespace} has used up its quota; the job starts when others have ended${quotation}.`,
      'QuotaExceeded',
      error
    )
  }
  if (isNotFound(error)) {
    return new PassingTrouble(
      `The namespace ${namespace} does not exist; the operator must create it${quotation}.`,
      undefined,
      error
    )
  }
  if (status === 403 && serverMessage.includes('is being terminated')) {
    return new PassingTrouble(
      `The namespace ${namespace} is being deleted; the operator must create it again${quotation}.`,
      undefined,
      error
    )
  }
  if (status === 403 && !ADMISSION_RULE.test(serverMessage)) {
    return new PassingTrouble(
      `The launcher has no right to create a ${what} in the namespace ${namespace}; job-launcher doctor shows ` +
      `what is missing${quotation}.`,
      undefined,
      error
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
