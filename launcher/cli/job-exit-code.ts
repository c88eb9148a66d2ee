// Decides the exit code of a command that ran a job.

import type { ClientJob } from '../client/client.ts'

/** Of a job whose program never ran, or whose end nobody saw. */
export const NEVER_RAN = 125
/** Of a job that was killed and left no exit code: 128 + SIGKILL. */
export const KILLED = 137

export function jobExitCode ({ status, exitCode }: Pick<ClientJob, 'status' | 'exitCode'>): number {
  return exitCode ?? (status === 'Killed' ? KILLED : status === 'Finished' ? 0 : NEVER_RAN)
}
