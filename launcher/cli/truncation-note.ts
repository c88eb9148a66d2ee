// The line on standard error about output that is known to be incomplete.

import type { ClientJob } from '../client/client.ts'
import { escapeControls } from './plain-text.ts'

/** Returns the line, or nothing if no output is known to be missing. */
export function truncationNote ({ id, outputTruncated }: Pick<ClientJob, 'id' | 'outputTruncated'>): string {
  if (outputTruncated === undefined) return ''
  const { reason, message } = outputTruncated
  return `${escapeControls(`job-launcher: the output of job ${id} is incomplete (${reason}): ${message}`)}\n`
}
