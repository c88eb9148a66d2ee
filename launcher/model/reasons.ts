// Every reason a job can carry: why it waits, or how it ended. Codes are permanent.

/** What each code means, in one sentence. docs/reference/reasons.md is held to this table by a test. */
export const REASONS = {
  Exited: 'The program ended by itself; the exit code is its own.',
  Signaled: 'A signal that did not come from the launcher ended the program; the exit code is 128 plus the signal.',
  Stopped: 'The job was stopped on request and ended within its grace.',
  StopGraceExceeded: 'The job was stopped on request, did not end within its grace, and was killed.',
  KilledOnRequest: 'The job was killed on request.',
  CanceledOnRequest: 'The job was canceled before it started.',
  OutOfMemory: 'The program used more memory than its limit and was killed.',
  CpuTimeExceeded: 'The program used more CPU time than its limit and was killed.',
  ExecutableNotFound: 'The program to run does not exist or is not executable.',
  WorkingDirectoryNotFound: 'The working directory does not exist or cannot be entered by the job\'s user.',
  OutputFileNotWritable: 'The file for standard output or standard error cannot be written by the job\'s user.',
  StartFailed: 'The cluster refused to start the job.',
  StartTimeout: 'The job did not start within its start timeout.',
  Lost: 'The cluster no longer knows a job that it had taken; how it ended is unknown.',
  SupervisorLost: 'The supervisor of the job was killed from outside, so its exit code is unknown.',
  MachineRestarted: 'The machine was restarted while the job ran.',
  Unschedulable: 'The cluster has no node that can take the job now; the message says what is short.',
  ImagePullBackOff: 'The image of the job cannot be pulled; the message has the answer of the registry.',
  InvalidImageName: 'The name of the image is not one that the cluster can read.',
  CreateContainerConfigError: 'The container cannot be made, such as for a secret or a key that does not exist.',
  QuotaExceeded: 'The namespace has used up what it may use; the job starts when other jobs have ended.',
  VolumeNotReady: 'Storage that the job mounts does not exist or is not ready.',
  DataNotReady: 'Files that the job waits for are not in the data of the host yet, or did not come in time.',
  InitFailed: 'A step that prepares the job failed before its program started.',
  NodeRefused: 'The node that was to run the job refused it before its program started.',
  Evicted: 'The cluster ended the job to make room, for a node that is to stop, or by another rule of its own.',
  NodeLost: 'The node that ran the job failed or does not answer; how the program ended is unknown.',
  DeletedExternally: 'Somebody other than the launcher deleted the job in the cluster. It is not run again.'
} as const

export type Reason = keyof typeof REASONS
