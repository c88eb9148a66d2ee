// Every failure a caller can see: its permanent code, HTTP status, exit code and what to do about it.

/** What the registry knows of one error. */
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
const TEMPORARY = 75
const NOT_PERMITTED = 77
const CONFIG = 78

/** The HTTP status of a refusal because there are too many. */
const TOO_MANY = 429

/**
 * Codes are permanent: one that is no longer used is listed in docs/reference/errors.md as retired and never reused.
 */
export const ERRORS = {
  // Requests
  InvalidRequest: {
    status: 400,
    exit: DATA,
    title: 'The request is not valid',
    help: 'Mend the field that is named; GET /openapi.json has the schema of every call.'
  },
  InvalidJson: {
    status: 400,
    exit: DATA,
    title: 'The body is not JSON',
    help: 'Send one JSON object with content-type application/json.'
  },
  BodyTooLarge: {
    status: 413,
    exit: DATA,
    title: 'The body is too large',
    help: 'Send less, or raise max-message-size in launcher.conf (Launcher.MaxMessageSize).'
  },
  UnsupportedMediaType: {
    status: 415,
    exit: DATA,
    title: 'The content type is not supported',
    help: 'Send content-type: application/json.'
  },
  RouteNotFound: {
    status: 404,
    exit: USAGE,
    title: 'There is no such call',
    help: 'GET /openapi.json lists every call.'
  },
  MethodNotAllowed: {
    status: 405,
    exit: USAGE,
    title: 'The call does not take this method',
    help: 'GET /openapi.json lists every call with its methods.'
  },
  Unauthorized: {
    status: 401,
    exit: NOT_PERMITTED,
    title: 'The request does not prove who sends it',
    help: 'Send Authorization: Bearer with the content of the secure-cookie-key-file.'
  },
  UserRequired: {
    status: 400,
    exit: NOT_PERMITTED,
    title: 'The user name is not valid',
    help: 'Send one user name in X-Launcher-User, or leave the header out to act for the host.'
  },
  Forbidden: {
    status: 403,
    exit: NOT_PERMITTED,
    title: 'The user may not do this',
    help: 'Ask an administrator (a member of admin-group), or act as the user who owns the job.'
  },
  InvalidCursor: {
    status: 400,
    exit: DATA,
    title: 'The cursor is not valid',
    help: 'Take the cursor of the last page as it was given, with the same filters, or start again without one.'
  },
  IdempotencyKeyReused: {
    status: 409,
    exit: DATA,
    title: 'The Idempotency-Key was used for another body',
    help: 'Use a new key for each new job.'
  },
  TooManyWaiting: {
    status: TOO_MANY,
    exit: TEMPORARY,
    title: 'Too many jobs are waiting',
    help: 'Try again after Retry-After seconds, or raise max-waiting-jobs of the cluster.'
  },
  ShuttingDown: {
    status: 503,
    exit: TEMPORARY,
    title: 'The launcher is stopping',
    help: 'Try again when it has started again; accepted jobs are kept.'
  },
  RequestTimeout: {
    status: 504,
    exit: TEMPORARY,
    title: 'The cluster did not answer in time',
    help: "Try again; if it repeats, look at the launcher's log and request-timeout-seconds."
  },
  StoreUnavailable: {
    status: 503,
    exit: TEMPORARY,
    title: 'The launcher cannot write to its scratch path',
    help: 'Make room in the scratch path or mend its file system; nothing was accepted.'
  },
  InternalError: {
    status: 500,
    exit: SOFTWARE,
    title: 'The launcher has a defect',
    help: "Report it with the launcher's log of this request."
  },

  // Jobs
  JobNotFound: {
    status: 404,
    exit: DATA,
    title: 'There is no such job',
    help: 'List the jobs with GET /v1/jobs; ended jobs are forgotten after job-expiry-hours.'
  },
  InvalidJob: {
    status: 422,
    exit: DATA,
    title: 'The job cannot be run as it is described',
    help: 'Mend the field that is named.'
  },
  NotSupportedByCluster: {
    status: 422,
    exit: DATA,
    title: 'The cluster cannot do this',
    help: 'GET /v1/clusters/{name} says what it can do.'
  },
  LimitNotEnforceable: {
    status: 422,
    exit: DATA,
    title: 'The limit cannot be kept here',
    help: "Leave the limit out, or set allow-unenforced-limits in the cluster's conf file to have it reported instead."
  },
  LimitExceeded: {
    status: 422,
    exit: DATA,
    title: 'The job asks for more than its profile allows',
    help: 'Ask for less, or have the operator change the profile line that is named.'
  },
  NotAllowedByProfile: {
    status: 422,
    exit: DATA,
    title: 'The profile does not allow this',
    help: 'Ask for what the profile line that is named allows, or have the operator change it.'
  },
  NoMatchingImage: {
    status: 422,
    exit: DATA,
    title: 'No image has what the job asks for',
    help: 'Ask for versions that an image has (the nearest are named), or have the operator define one; ' +
      'docs/guide/choose-images.md says how an image is chosen.'
  },
  ServiceAccountNotFound: {
    status: 422,
    exit: DATA,
    title: 'There is no such service account',
    help: 'Name another one, or have the operator make it in the namespace of the jobs or take it out of the ' +
      'profile line that is named.'
  },
  DataPathNotAllowed: {
    status: 422,
    exit: DATA,
    title: 'The path does not lie in the data of the host',
    help: 'Name a folder or file below the data, as a relative path without .. and without links that lead out.'
  },
  ClusterNotFound: {
    status: 404,
    exit: DATA,
    title: 'There is no such cluster',
    help: 'GET /v1/clusters lists the clusters.'
  },
  ClusterNotAllowed: {
    status: 403,
    exit: NOT_PERMITTED,
    title: 'The user may not use the cluster',
    help: "Ask the operator to add one of the user's groups to allowed-groups of the cluster."
  },
  UserNotFound: {
    status: 422,
    exit: DATA,
    title: 'There is no such user on this machine',
    help: 'Name a user that getent passwd knows.'
  },
  UserNotPossible: {
    status: 422,
    exit: DATA,
    title: 'Jobs cannot run as this user',
    help: 'Run the launcher as root to run jobs as other users, or name the user it runs as.'
  },
  InvalidJobState: {
    status: 409,
    exit: DATA,
    title: "The job's status does not allow this",
    help: 'Read the job again; its status may have changed.'
  },
  JobNotEnded: { status: 409, exit: DATA, title: 'The job has not ended', help: 'Stop or kill it first.' },
  JobNotRunning: {
    status: 409,
    exit: DATA,
    title: 'The job is not running',
    help: 'Wait until its status is Running.'
  },
  OutputOffsetPastEnd: {
    status: 416,
    exit: DATA,
    title: 'The offset is past the end of the output',
    help: 'Ask from an offset between 0 and the size that is named.'
  },
  OutputNotReadable: {
    status: 409,
    exit: DATA,
    title: "The job's output cannot be read",
    help: 'Read the file that the job was told to write, as its user.'
  },
  ResourcesNotAvailable: {
    status: 503,
    exit: TEMPORARY,
    title: 'The cluster does not measure this',
    help: 'Nothing to do for the job; the operator can install what the cluster measures with.'
  },

  // Start and configuration
  UsageError: {
    status: 400,
    exit: USAGE,
    title: 'The command line is not valid',
    help: 'job-launcher help lists the commands and their options.'
  },
  SettingsInvalid: {
    status: 500,
    exit: CONFIG,
    title: 'The settings are not valid',
    help: 'Mend the line that is named; docs/reference/settings.md lists every setting.'
  },
  ConfInvalid: {
    status: 500,
    exit: CONFIG,
    title: 'A conf file is not valid',
    help: 'Mend the line that is named; docs/reference/conf.md lists every key.'
  },
  FileNotReadable: {
    status: 500,
    exit: CONFIG,
    title: 'A file cannot be read',
    help: "Check the path and that the launcher's user may read it."
  },
  FolderNotWritable: {
    status: 500,
    exit: CONFIG,
    title: 'A folder cannot be written',
    help: "Create it for the launcher's user, or set another path."
  },
  ConfigDirTaken: {
    status: 500,
    exit: CONFIG,
    title: 'Another launcher rendered the files in this folder',
    help: 'Set another Launcher.ConfigDir.'
  },
  ScratchPathTaken: {
    status: 500,
    exit: CANT_CREATE,
    title: 'Another launcher uses this scratch path',
    help: 'Stop that launcher, or set another Launcher.ScratchPath.'
  },
  PredecessorStopping: {
    status: 503,
    exit: TEMPORARY,
    title: 'The launcher before this one is still stopping',
    help: 'Start the launcher again in a moment; running jobs continue.'
  },
  AddressTaken: {
    status: 500,
    exit: CONFIG,
    title: 'Something else listens on the address',
    help: 'Stop it, or set another Launcher.Address.'
  },
  ClusterUnavailable: {
    status: 503,
    exit: UNAVAILABLE,
    title: 'The cluster cannot be reached',
    help: 'Check the cluster; jobs are kept and start when it is back.'
  },
  LauncherUnreachable: {
    status: 503,
    exit: UNAVAILABLE,
    title: 'The launcher does not answer',
    help: 'Start it, or name its socket with --socket or JOB_LAUNCHER_SOCKET.'
  },
  LauncherExited: {
    status: 500,
    exit: SOFTWARE,
    title: 'The launcher ended before it was ready',
    help: 'Read its log lines; run job-launcher serve by hand with the same settings.'
  },
  DatabaseInvalid: {
    status: 500,
    exit: CANT_CREATE,
    title: "The launcher's database cannot be used",
    help: 'Move the file away and start again: running jobs are taken up from the clusters, history is lost.'
  }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/** Facts about one failure that a program can use: the field, file, line, limit … Never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** The one error that reaches callers. `message` says what is wrong and where; the code's `help` says what to do. */
export class LauncherError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor (code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    const { stackTraceLimit } = Error
    // Those that come by the thousand say nothing by where they were thrown, and a stack is most of what they cost.
    if (ERRORS[code].status === TOO_MANY) Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'LauncherError'
    this.code = code
    this.details = details
  }

  get kind (): ErrorKind { return ERRORS[this.code] }
}

export function isLauncherError (error: unknown, code?: ErrorCode): error is LauncherError {
  return error instanceof LauncherError && (code === undefined || error.code === code)
}

/** The `code` of a system error such as ENOENT, or undefined. */
export function systemCode (error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
