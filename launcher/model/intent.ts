// The last operation requested of a job, who asked for it, and whether it ended the job.

import type { Reason } from './reasons.ts'

/** Reasons for which the launcher itself ends a job. */
export type Cause = Extract<Reason, 'TimedOut' | 'LeaseExpired'>

/** Who requested an operation: a user, or without one the host itself. */
export interface RequestedBy {
  readonly user?: string
}

/** The last operation requested of a job, and when (milliseconds since 1970). It is stored before it is carried out. */
export interface Intent {
  operation: 'stop' | 'kill' | 'cancel'
  at: number
  /** When a stop was requested that this kill replaced: it may have ended the program before the kill was requested. */
  stopAt?: number
  /** Who requested it. Missing if the launcher did, and in requests to a launcher that did not note it. */
  by?: RequestedBy
  /** Who requested the stop that this kill replaced. */
  stopBy?: RequestedBy
  /** Why the launcher itself asked; it becomes the reason of the job. Missing in requests of others. */
  cause?: Cause
}

/** Without a user, the host itself asked. */
export interface EndedBy extends RequestedBy {
  readonly operation: Intent['operation']
}

/** Reasons of jobs that a stop ended. A kill may have replaced it since. */
const OF_STOP: readonly string[] = ['Stopped', 'StopGraceExceeded'] satisfies Reason[]
/** Reasons of jobs that another request ended. */
const OF_OTHER: readonly string[] = ['KilledOnRequest', 'CanceledOnRequest'] satisfies Reason[]

/** Returns undefined if no request ended the job, or if it is not known who asked. */
export function endedBy (
  { reason = '', intent }: { readonly reason?: string, readonly intent?: Intent }
): EndedBy | undefined {
  const isStop = OF_STOP.includes(reason)
  if (intent === undefined || !(isStop || OF_OTHER.includes(reason))) return undefined
  const isEarlierStop = isStop && intent.operation === 'kill'
  const by = isEarlierStop ? intent.stopBy : intent.by
  return by && { operation: isEarlierStop ? 'stop' : intent.operation, ...by }
}
