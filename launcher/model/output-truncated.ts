// Why bytes that a program wrote are missing from the output of its job.

/** The meaning of each code in one sentence. Codes are permanent. A test compares docs/reference/reasons.md with it. */
export const TRUNCATIONS = {
  OutputLimitExceeded: 'The program wrote more output than its limit. What follows the limit is not kept.',
  LogRotated: 'The node replaced a file of the log that the launcher had not read to its end. Lines are missing.',
  LogStartLost: 'The node may have replaced a file of the log before the first read. The first lines may be missing.',
  LogEndLost: 'The log was gone before the launcher had read its end. The last lines may be missing.',
  LogFileChanged: 'A file of the output is missing or shorter than it was: another program changed it.'
} as const

/**
 * Present only if output is known to be incomplete, or its end could not be read. If there are several reasons, this is
 * the first.
 */
export interface OutputTruncated {
  reason: keyof typeof TRUNCATIONS
  /** One sentence or two for the job's user. */
  message: string
  /** Byte offset in the output where the first bytes are missing. Absent if it is not known. */
  offset?: number
}

export function truncated (reason: keyof typeof TRUNCATIONS, offset?: number): OutputTruncated {
  return { reason, message: TRUNCATIONS[reason], ...(offset !== undefined && { offset }) }
}
