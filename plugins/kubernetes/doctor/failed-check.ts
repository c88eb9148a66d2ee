// Converts a failed call of a check into a finding.

import { isLauncherError } from '../../../launcher/errors.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { isQuota, KubeApiError, NoAnswerError } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'
import { lacksRight } from '../client/missing-right.ts'

/** Milliseconds that one call of a diagnosis may take. */
export const DEADLINE_MS = 10_000

/** `what` completes "… could not be checked". Rethrows an error that is a defect. */
export function skippedFinding (check: string, what: string, error: unknown): Finding {
  const quotation = quotationOf(error)
  if (quotation === undefined) throw error
  return {
    check,
    state: 'skipped',
    message: `${what} could not be checked${quotation}.`,
    help: helpFor(error)
  }
}

/** The API server refuses with 403 what lacks a right, and also what a rule or a quota of the cluster forbids. */
function helpFor (error: unknown): string {
  if (lacksRight(error)) return 'Jobs do not need this right. Check with an account that has it, or ignore this.'
  if (isQuota(error)) return 'Raise the quota that the server names, or wait until it has room, then check again.'
  return error instanceof KubeApiError && error.status === 403
    ? 'Change the rule of the cluster that the server names, then check again.'
    : 'Run the check again. If it fails again, check the API server.'
}

function quotationOf (error: unknown): string | undefined {
  if (error instanceof KubeApiError) return quoted('the server', error.serverMessage)
  return error instanceof NoAnswerError || isLauncherError(error) ? quoted('the launcher', error.message) : undefined
}
