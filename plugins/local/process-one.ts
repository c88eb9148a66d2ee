// A launcher that runs local jobs cannot be process 1, as the first process of a container is: what remains of a job
// becomes a child of process 1, and only an init collects such children when they end.

import { LauncherError } from '../../launcher/errors.ts'

export const PROCESS_ONE_TEXT =
  'The launcher is process 1. Ended processes of local jobs would remain as zombies until no process can be started'

/** Throws InitNeeded if the launcher is process 1. */
export function refuseProcessOne (pid: number = process.pid): void {
  if (pid === 1) throw new LauncherError('InitNeeded', `${PROCESS_ONE_TEXT}.`)
}
