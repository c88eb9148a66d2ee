// What became of an ended job, in one word of four: a function of its status, reason and exit code.

import type { Job } from './job.ts'
import type { Reason } from './reasons.ts'
import { isEnded } from './status.ts'

/** The meaning of each is in docs/guide/statuses-and-outcomes.md. */
export const JOB_OUTCOMES = ['succeeded', 'failed', 'stopped', 'lost'] as const
export type JobOutcome = typeof JOB_OUTCOMES[number]

/**
 * Outcome of a job that ended for each reason; docs/reference/reasons.md shows it. `byExitCode` is succeeded for 0,
 * else failed. A job that ended for a reason to wait has failed.
 */
export const OUTCOME_OF_REASON: Readonly<Record<Reason, JobOutcome | 'byExitCode'>> = {
  Exited: 'byExitCode',
  Signaled: 'failed',
  Stopped: 'stopped',
  StopGraceExceeded: 'stopped',
  KilledOnRequest: 'stopped',
  CanceledOnRequest: 'stopped',
  OutOfMemory: 'failed',
  CpuTimeExceeded: 'failed',
  TimedOut: 'failed',
  LeaseExpired: 'stopped',
  OutputLimitExceeded: 'failed',
  ExecutableNotFound: 'failed',
  InterpreterNotFound: 'failed',
  ExecFormatError: 'failed',
  WorkingDirectoryNotFound: 'failed',
  OutputFileNotWritable: 'failed',
  ProcessLogsNotWritable: 'failed',
  ShellNotFound: 'failed',
  StartFailed: 'failed',
  StartTimeout: 'failed',
  Lost: 'lost',
  SupervisorLost: 'lost',
  MachineRestarted: 'lost',
  RestoredFromCopy: 'lost',
  WaitingForSlot: 'failed',
  NotReady: 'failed',
  Unschedulable: 'failed',
  NoScheduler: 'failed',
  ImagePullBackOff: 'failed',
  InvalidImageName: 'failed',
  CreateContainerConfigError: 'failed',
  QuotaExceeded: 'failed',
  RefusedByCluster: 'failed',
  NamespaceNotFound: 'failed',
  SuspendedByOther: 'failed',
  VolumeNotReady: 'failed',
  ImageVolumeNotSupported: 'failed',
  DataNotReady: 'failed',
  DataFull: 'failed',
  DataNotMounted: 'failed',
  SidecarFailed: 'failed',
  InitFailed: 'failed',
  NodeRefused: 'failed',
  HostNotReady: 'failed',
  HostNotFound: 'failed',
  DeadlineExceeded: 'failed',
  PodCopied: 'failed',
  Evicted: 'failed',
  NodeLost: 'lost',
  DeletedExternally: 'failed'
}

/** Returns undefined before the end. A reason of a later launcher counts by status and exit code. */
export function outcomeOf ({ status, reason = '', exitCode }: Pick<Job, 'status' | 'reason' | 'exitCode'>):
JobOutcome | undefined {
  if (!isEnded(status)) return undefined
  const ofReason = Object.hasOwn(OUTCOME_OF_REASON, reason) ? OUTCOME_OF_REASON[reason as Reason] : 'byExitCode'
  if (ofReason === 'stopped' || ofReason === 'lost') return ofReason
  if (status === 'Canceled') return 'stopped'
  return status === 'Finished' && exitCode === 0 ? 'succeeded' : 'failed'
}
