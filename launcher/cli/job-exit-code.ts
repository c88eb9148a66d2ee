// Determines the exit code of a command that ran a job.

import type { ClientJob } from '../client/client.ts'

/** The program of the job never ran, or its end was not observed. */
const NEVER_RAN = 125
/** The job was killed and has no exit code: 128 + SIGKILL. */
const KILLED = 137

export function jobExitCode ({ status, exitCode }: Pick<ClientJob, 'status' | 'exitCode'>): number {
  return exitCode ?? (status === 'Killed' ? KILLED : status === 'Finished' ? 0 : NEVER_RAN)
}
