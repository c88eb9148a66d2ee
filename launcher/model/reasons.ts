// Every reason that a job can have: why it waits, what it lacks while it runs, or how it ended. Codes are permanent.

/** The meaning of each code in one sentence. A test compares docs/reference/reasons.md with this table. */
export const REASONS = {
  Exited: 'The program ended by itself; the exit code is its own.',
  Signaled: 'A signal that did not come from the launcher ended the program; the exit code is 128 plus the signal.',
  Stopped: 'The job was stopped on request and ended within its grace period.',
  StopGraceExceeded: 'The job was stopped on request, did not end within its grace period, and was killed.',
  KilledOnRequest: 'The job was killed on request.',
  CanceledOnRequest: 'The job was canceled before it started.',
  OutOfMemory: 'The program used more memory than its limit and was killed.',
  CpuTimeExceeded: 'The program used more CPU time than its limit and was killed.',
  TimedOut: 'The job ran longer than its timeout (timeoutSeconds) and was stopped.',
  LeaseExpired: 'No request named the job for its lease (leaseSeconds), and it was stopped.',
  OutputLimitExceeded: 'The program wrote more output than its limit and was killed.',
  ExecutableNotFound: 'The program to run does not exist or is not executable.',
  InterpreterNotFound:
    'The program exists, and the interpreter or dynamic loader that it needs does not; the message has its first line.',
  ExecFormatError: 'The program is built for another kind of machine, or is no program.',
  WorkingDirectoryNotFound: "The working directory does not exist or the job's user cannot enter it.",
  OutputFileNotWritable: "The job's user cannot write the file for standard output or standard error.",
  ProcessLogsNotWritable:
    "The container of the job cannot write to the files for its output in the host's data, so its program was not " +
    'started; the message says what to check.',
  ShellNotFound:
    "The image of the job has no /bin/sh, which opens the files for its output in the host's data; the message says " +
    'what to set.',
  StartFailed: 'The cluster refused to start the job.',
  StartTimeout: 'The job did not start within its start timeout; the message keeps what it waited for.',
  Lost: 'The cluster no longer has a job that it had accepted; how the job ended is unknown.',
  SupervisorLost: 'The supervisor of the job was killed from outside, so its exit code is unknown.',
  MachineRestarted: 'The machine was restarted while the job ran.',
  RestoredFromCopy:
    "The launcher's files are a copy or a backup; what became of the job after they were copied is unknown.",
  WaitingForSlot:
    "As many jobs run as the cluster, or the user's profile, allows at once; the message names the bound and the " +
    'position of the job. The job starts when its turn has come.',
  NotReady:
    'The program runs, and a port with ready did not answer in its timeoutSeconds; the message says which and why. ' +
    'The job runs on, and the reason goes once the port answers.',
  Unschedulable: 'The cluster has no node that can run the job now; the message says what is missing.',
  NoScheduler:
    'No scheduler of the cluster has looked at the pod of the job; the message names the one that the pod is for.',
  ImagePullBackOff: "The image of the job cannot be pulled; the message contains the registry's answer.",
  InvalidImageName: 'The cluster cannot parse the name of the image.',
  CreateContainerConfigError:
    'The container cannot be created, for example because a secret or one of its keys does not exist.',
  QuotaExceeded:
    'A quota of the namespace leaves no room for the job or its Service; the message says whether the end of other ' +
    'jobs helps.',
  RefusedByCluster:
    'The cluster does not admit the job; the message has the name of the rule and its text, such as a policy, a ' +
    'webhook, Pod Security, a limit range or a quota that requires limits. Or the launcher lacks a right, the ' +
    'cluster does not accept its credentials, or it does not serve an API that the job needs.',
  NamespaceNotFound:
    'The namespace of the jobs does not exist, or is being deleted. The job starts once the operator has created it.',
  SuspendedByOther:
    'Another client, such as kubectl or a queue controller, suspended the job in the cluster before its pod had a ' +
    'node, or holds its pod with scheduling gates, which a base Job can set, too; the message says who holds it. The ' +
    'job runs once it is resumed there.',
  VolumeNotReady: 'Storage that the job mounts does not exist or is not ready.',
  ImageVolumeNotSupported:
    "The cluster or the node cannot mount the image with the host's runtime components; the message says what to set.",
  DataNotReady: "Files that the job waits for are not in the host's data yet, or did not appear in time.",
  DataFull:
    "The host's data, in which the output of the job is to be kept, has no room for more jobs; the job starts when " +
    'there is room.',
  DataNotMounted:
    "The host's data, in which the output of the job is to be kept, is not mounted, or is not the one that was used " +
    'before; the job starts when it is back.',
  SidecarFailed:
    'A sidecar of the job has ended, and the program waits until it runs; the message has its exit code and what it ' +
    'wrote last. The cluster starts it again.',
  InitFailed: 'A step that prepares the job failed before its program started.',
  NodeRefused: 'The node that was to run the job refused it before its program started.',
  HostNotReady:
    'The node that the job names as its host, or that a base Job or an override names (spec.nodeName), has not ' +
    'accepted the job: the node is not ready, or does not exist.',
  HostNotFound:
    'The node that the job names as its host, or that a base Job or an override names (spec.nodeName), does not exist.',
  DeadlineExceeded:
    'The job ran longer than the activeDeadlineSeconds of its Job or its pod, or did not start in that time, and the ' +
    'cluster ended it. A base manifest, a webhook or another client set it; the message names the client.',
  PodCopied: 'Another client created a second pod for the job, and the Job controller deleted the first one.',
  Evicted: 'The cluster ended the job to make room, to free its node, or by another rule of its own.',
  NodeLost: 'The node that ran the job failed or does not answer; how the program ended is unknown.',
  DeletedExternally:
    'A person or another controller deleted the job in the cluster. It is not run again. The message names the ' +
    'client if the cluster shows it.'
} as const

export type Reason = keyof typeof REASONS
