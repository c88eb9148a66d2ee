// Says what a failed start means: final for the job, or trouble that may pass, in words for the job's user. Pure.

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

/** Statuses with which the API server refuses the object itself. */
const REFUSED: readonly number[] = [400, 413, 422]
/** What refuses objects by a rule of its own, as opposed to missing rights of the launcher. */
const BY_RULE =
  /admission webhook|violates PodSecurity|denied the request|ValidatingAdmissionPolicy|forbidden: (maximum|minimum) /

/** `what` is the object that could not be made, such as "Job". */
export function startFailure (error: unknown, what: string, namespace: string): unknown {
  if (!(error instanceof KubeApiError)) return error
  const { status, serverMessage } = error
  const raw = quoted('Kubernetes', serverMessage)
  if (isQuota(error)) {
    return new PassingTrouble(
      `The namespace ${namespace} has used up its quota; the job starts when others have ended${raw}.`,
      'QuotaExceeded',
      error
    )
  }
  if (isNotFound(error)) {
    return new PassingTrouble(
      `The namespace ${namespace} does not exist; the operator has to make it${raw}.`,
      undefined,
      error
    )
  }
  if (status === 403 && serverMessage.includes('is being terminated')) {
    return new PassingTrouble(
      `The namespace ${namespace} is being deleted; the operator has to make it again${raw}.`,
      undefined,
      error
    )
  }
  if (status === 403 && !BY_RULE.test(serverMessage)) {
    return new PassingTrouble(
      `The launcher has no right to make a ${what} in the namespace ${namespace}; job-launcher doctor shows what is ` +
      `missing${raw}.`,
      undefined,
      error
    )
  }
  if (status === 403 || REFUSED.includes(status)) {
    return new LauncherError(
      'InvalidJob',
      `The cluster refuses the job's ${what}${raw}.`,
      { object: what },
      { cause: error }
    )
  }
  return error
}
