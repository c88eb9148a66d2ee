// Converts a failed call of a check into a finding.

import { isLauncherError } from '../../../launcher/errors.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'

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
    help: error instanceof KubeApiError && error.status === 403
      ? 'Jobs do not need this right. Check with an account that has it, or ignore this.'
      : 'Run the check again. If it fails again, check the API server.'
  }
}

function quotationOf (error: unknown): string | undefined {
  if (error instanceof KubeApiError) return quoted('the server', error.serverMessage)
  return error instanceof NoAnswerError || isLauncherError(error) ? quoted('the launcher', error.message) : undefined
}
