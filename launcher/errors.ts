// Every failure that a caller can see: its permanent code, HTTP status, exit code and what to do about it.

import type { Reason } from './model/reasons.ts'

/** What is fixed for one error code. */
export interface ErrorKind {
  /** Status of the HTTP reply that carries it. */
  readonly status: number
  /** Exit code (sysexits) of a command that ends with it. */
  readonly exit: number
  /** What kind of failure it is, in a few words that never change. */
  readonly title: string
  /** One sentence that says what to do. */
  readonly help: string
}

const USAGE = 64
const DATA = 65
const UNAVAILABLE = 69
const SOFTWARE = 70
const CANT_CREATE = 73
const DISK_FULL = 74
const TEMPORARY = 75
const NOT_PERMITTED = 77
const CONFIG = 78

/** The HTTP status of a refusal because there are too many. */
const TOO_MANY = 429

function kind (status: number, exit: number, title: string, help: string): ErrorKind {
  return { status, exit, title, help }
}

/**
 * Codes are permanent: one that is no longer used is listed in docs/reference/errors.md as retired and never reused.
 */
export const ERRORS = {
  // Requests
  InvalidRequest: kind(400, DATA, 'The request is not valid',
    'Correct what the message names; GET /openapi.json has the schema of every call.'),
  InvalidJson: kind(400, DATA, 'The body is not JSON',
    'Send one JSON object with content-type application/json.'),
  BodyTooLarge: kind(413, DATA, 'The body is too large',
    'Send less, or raise max-message-size in launcher.conf (Launcher.MaxMessageSize).'),
  UnsupportedMediaType: kind(415, DATA, 'The content type is not supported',
    'Send content-type: application/json.'),
  RequestIncomplete: kind(408, TEMPORARY, 'The request is not complete',
    'Send the head of a request within 10 seconds, and the whole request within 60 seconds.'),
  PathTooLong: kind(414, DATA, 'The path or the query is too long',
    'Send at most 16 KiB of path, query and header fields, and long lists in several calls.'),
  HeadersTooLarge: kind(431, DATA, 'The header fields are too large',
    'Send at most 16 KiB of path, query and header fields.'),
  ExpectationFailed: kind(417, USAGE, 'The launcher does not meet this expectation',
    'Leave out Expect, or send Expect: 100-continue.'),
  NotImplemented: kind(501, USAGE, 'HTTP has this, but the launcher does not',
    'GET /openapi.json lists every call with its methods.'),
  RouteNotFound: kind(404, USAGE, 'This call does not exist',
    'GET /openapi.json lists every call.'),
  MethodNotAllowed: kind(405, USAGE, 'The call does not support this method',
    'GET /openapi.json lists every call with its methods.'),
  Unauthorized: kind(401, NOT_PERMITTED, 'The request does not prove who sent it',
    'Send Authorization: Bearer with the content of the secure-cookie-key-file.'),
  MonitoringKey: kind(403, NOT_PERMITTED, 'The key is only for monitoring',
    'Send the content of the secure-cookie-key-file, which is the key of hosts.'),
  UserRequired: kind(400, NOT_PERMITTED, 'The user name is not valid',
    'Send one user name in X-Launcher-User, or omit the header to act for the host.'),
  Forbidden: kind(403, NOT_PERMITTED, 'The user may not do this',
    'Ask an administrator (a member of admin-group), or act as the user who owns the job.'),
  InvalidCursor: kind(400, DATA, 'The cursor is not valid',
    'Send the cursor of the last page unchanged, with the same filters, or start again without one.'),
  IdempotencyKeyReused: kind(409, DATA, 'The Idempotency-Key was used for another body',
    'Use a new key for each new job.'),
  OutputExpired: kind(410, DATA, 'The output of the job was removed',
    'Read the output of a job before JobExpiry (job-expiry-hours) has passed after its end, or set it to more.'),
  JobRemoved: kind(410, DATA, 'The job of the Idempotency-Key has ended and was removed',
    'The reply has its outcome. To run it again, send the job with a new key.'),
  TooManyWaiting: kind(TOO_MANY, TEMPORARY, 'Too many jobs are waiting',
    'Try again after Retry-After seconds, or raise max-waiting-jobs of the cluster ' +
    '(Launcher.TYPEMaxWaitingJobs).'),
  ShuttingDown: kind(503, TEMPORARY, 'The launcher is stopping',
    'Try again once it has started again; accepted jobs are kept.'),
  RequestTimeout: kind(504, TEMPORARY, 'The cluster did not answer in time',
    "Try again; if it repeats, see the launcher's log and request-timeout-seconds."),
  RequestAbandoned: kind(499, TEMPORARY, 'The client closed the connection',
    'Nothing was carried out; send the request again.'),
  AdoptionIncomplete: kind(503, TEMPORARY, 'The jobs of an earlier launcher are not all known yet',
    'Try again after Retry-After seconds; GET /health/ready names the clusters whose jobs are not adopted.'),
  StoreUnavailable: kind(503, TEMPORARY, 'The launcher cannot write to its scratch path',
    'Free space in the scratch path, repair its file system, or end the process that has its database locked, then ' +
    'send the request again; nothing was accepted.'),
  InternalError: kind(500, SOFTWARE, 'The launcher has a defect',
    "Report it with the launcher's log of this request."),

  // Jobs
  JobNotFound: kind(404, DATA, 'The job does not exist',
    'List the jobs with GET /v1/jobs; ended jobs are removed after job-history-hours.'),
  InvalidJob: kind(422, DATA, 'The job cannot run as described',
    'Correct what the message names.'),
  NotSupportedByCluster: kind(422, DATA, 'The cluster does not support this',
    'GET /v1/clusters/{name} shows what it supports.'),
  LimitNotEnforceable: kind(422, DATA, 'The limit cannot be enforced here',
    'Omit the limit, or set allow-unenforced-limits of the cluster (Launcher.AllowUnenforcedLimits) to have it ' +
    'reported instead.'),
  LimitExceeded: kind(422, DATA, 'The job requests more than its profile allows',
    'Request less, or have the operator change the profile line named in the message.'),
  NotAllowedByProfile: kind(422, DATA, 'The profile does not allow this',
    'Request what the profile line named in the message allows, or have the operator change it.'),
  NoMatchingImage: kind(422, DATA, 'No image has what the job requests',
    'Request versions that an image has (the message names the nearest), or have the operator define one; ' +
      'docs/guide/choose-images.md explains how an image is chosen.'),
  ServiceAccountNotFound: kind(422, DATA, 'The service account does not exist',
    'Name another one, or have the operator create it in the namespace of the jobs or remove it from the ' +
      'profile line named in the message.'),
  DataPathNotAllowed: kind(422, DATA, "The path is not inside the host's data",
    'Name a folder or file below the data, as a relative path without .. and without links that lead out.'),
  ClusterNotFound: kind(404, DATA, 'The cluster does not exist',
    'GET /v1/clusters lists the clusters.'),
  ClusterNotAllowed: kind(403, NOT_PERMITTED, 'The user may not use the cluster',
    "Ask the operator to add one of the user's groups to allowed-groups of the cluster (Launcher.TYPEAllowedGroups)."),
  RefusedByCluster: kind(403, NOT_PERMITTED, 'The cluster refuses this',
    'Have the operator change the rule or grant the right that the message names, or request what the rule allows. ' +
    'A base Job of the operator can be what the rule refuses: explain shows it.'),
  UserNotFound: kind(422, DATA, 'The user does not exist on this machine',
    'Name a user that getent passwd finds.'),
  UserNotPossible: kind(422, DATA, 'Jobs cannot run as this user',
    'Run the launcher as root to run jobs as other users, or name the user that it runs as.'),
  InvalidJobState: kind(409, DATA, "The job's status does not allow this",
    'Read the job again; its status may have changed.'),
  JobNotEnded: kind(409, DATA, 'The job has not ended',
    'Stop or kill it first.'),
  JobNotRunning: kind(409, DATA, 'The job is not running',
    'Wait until its status is Running.'),
  OutputOffsetPastEnd: kind(416, DATA, 'The offset is past the end of the output',
    'Start from an offset between 0 and the size named in the message.'),
  OutputNotReadable: kind(409, DATA, "The job's output cannot be read",
    'Remove the cause that the message names, such as a missing mount, or read the file yourself.'),
  ResourcesNotAvailable: kind(503, TEMPORARY, 'The cluster does not measure this',
    'Nothing can be done for the job; the operator can install what the cluster measures with.'),

  // Start and configuration
  UsageError: kind(400, USAGE, 'The command line is not valid',
    'job-launcher help lists the commands and their options.'),
  SettingsInvalid: kind(500, CONFIG, 'The settings are not valid',
    'Correct the line named in the message; docs/reference/settings.md lists every setting.'),
  ConfInvalid: kind(500, CONFIG, 'A conf file is not valid',
    'Correct the line named in the message; docs/reference/conf.md lists every key.'),
  FileNotReadable: kind(500, CONFIG, 'A file cannot be read',
    "Check the path and that the launcher's user may read it."),
  FileNotTrusted: kind(500, CONFIG, 'Users can write or read a file that must be private',
    'Examine the content of the file, then run the command that the message names.'),
  CertificateInvalid: kind(500, CONFIG, 'The TLS certificate or its key cannot be used',
    'Set certificate-file and certificate-key-file to a certificate and its private key, both in PEM form.'),
  InitNeeded: kind(500, CONFIG, 'The launcher is process 1, which must be an init',
    'Start it below an init, such as tini or "docker run --init".'),
  FolderNotWritable: kind(500, CONFIG, 'A folder cannot be written',
    "Create it for the launcher's user, or set another path."),
  DiskFull: kind(507, DISK_FULL, 'The disk is full',
    'Free space on the disk that the message names and start the launcher again; its files and jobs are kept.'),
  ConfigDirTaken: kind(500, CONFIG, 'Another launcher rendered the files in this folder',
    'Set another Launcher.ConfigDir.'),
  ScratchPathTaken: kind(500, CANT_CREATE, 'Another launcher uses this scratch path',
    'Stop that launcher, or set another Launcher.ScratchPath.'),
  ScratchPathCopied: kind(500, CONFIG, 'The scratch path is a copy of one that exists',
    'If it replaces the original, rename or remove the original first. A second launcher needs an empty scratch path.'),
  PredecessorStopping: kind(503, TEMPORARY, 'The launcher before this one is still stopping',
    'Start the launcher again in a moment; running jobs continue.'),
  AddressTaken: kind(500, CONFIG, 'The address is already in use',
    'Stop the process that uses it, or set another Launcher.Address.'),
  ClusterUnavailable: kind(503, UNAVAILABLE, 'The cluster cannot be reached',
    'Check the cluster; jobs are kept and start once it is back.'),
  LauncherUnreachable: kind(503, UNAVAILABLE, 'The launcher does not answer',
    'Start it, or name its socket with --socket or JOB_LAUNCHER_SOCKET.'),
  LauncherExited: kind(500, SOFTWARE, 'The launcher ended before it was ready',
    'Read its log; run job-launcher serve by hand with the same settings.'),
  DatabaseInvalid: kind(500, CANT_CREATE, "The launcher's database cannot be used",
    'Start the version of the launcher that wrote it, or restore the file from a backup. If neither is possible, ' +
      'move the file away: running jobs are adopted from the clusters, history is lost.')
} satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/**
 * Facts about one failure for programs: the field, file, line, limit … Never a secret. They are members of the problem
 * beside its own, so none can have the name of one.
 */
export type ErrorDetails = Readonly<Record<string, unknown>> & {
  readonly [member in 'type' | 'title' | 'status' | 'code' | 'detail' | 'help']?: never
}

/** The only error that reaches callers. `message` says what is wrong and where; `help`, what to do. */
export class LauncherError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  readonly #help: string | undefined

  /** `help` replaces that of the code if another action is needed. */
  constructor (
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options?: ErrorOptions & { readonly help?: string | undefined }
  ) {
    const { stackTraceLimit } = Error
    // These occur by the thousand; where they were thrown says nothing, and the stack is most of their cost.
    if (ERRORS[code].status === TOO_MANY) Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'LauncherError'
    this.code = code
    this.details = details
    this.#help = options?.help
  }

  get kind (): ErrorKind { return ERRORS[this.code] }

  /** What to do, in one sentence. */
  get help (): string { return this.#help ?? this.kind.help }
}

export function isLauncherError (error: unknown, code?: ErrorCode): error is LauncherError {
  return error instanceof LauncherError && (code === undefined || error.code === code)
}

/** Returns the refusal of a job for one of its fields. */
export function invalidJob (field: string, message: string, details: ErrorDetails = {}): LauncherError {
  return new LauncherError('InvalidJob', message, { field, ...details })
}

/**
 * A failure of `start` that may pass: the core repeats the start. Meanwhile the pending job shows the message and the
 * reason, so both are for the job's user.
 */
export class RetryableError extends Error {
  readonly reason: Reason | undefined

  constructor (message: string, { reason, cause }: { reason?: Reason, cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'RetryableError'
    this.reason = reason
  }
}

/** Returns a system error such as ENOSPC as a RetryableError, and any other error as it is. */
export function retryableIfSystem (error: unknown): unknown {
  if (isLauncherError(error) || systemCode(error) === undefined) return error
  return new RetryableError((error as Error).message, { cause: error })
}

/** Returns the `code` of a system error such as ENOENT, or undefined. */
export function systemCode (error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
