// Turns a call of a diagnosis that failed into what it found.

import { isLauncherError } from '../../../launcher/errors.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'

/** Milliseconds that one call of a diagnosis may take. */
export const DEADLINE_MS = 10_000

/** `what` completes "… could not be looked at". Throws what is a defect. */
export function skippedFinding (check: string, what: string, error: unknown): Finding {
  const told = toldBy(error)
  if (told === undefined) throw error
  return {
    check,
    state: 'skipped',
    message: `${what} could not be looked at${told}.`,
    help: error instanceof KubeApiError && error.status === 403
      ? 'Jobs do not need this right; look with an account that has it, or leave it.'
      : 'Ask again; if it repeats, look at the API server.'
  }
}

function toldBy (error: unknown): string | undefined {
  if (error instanceof KubeApiError) return quoted('the server', error.serverMessage)
  return error instanceof NoAnswerError || isLauncherError(error) ? quoted('the launcher', error.message) : undefined
}
