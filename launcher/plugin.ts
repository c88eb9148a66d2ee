// The plugin contract: what a cluster's code must do, in what order it is called, and what it may rely on.
//
// A plugin backs one type of cluster. The core owns ids, the store, status, the queue and HTTP; a plugin owns the
// backend: it starts what it is given, says what it sees, carries out operations, and hands over output. It keeps as
// little state of its own as it can: after a restart everything it needs is in the job it is given and in the backend.
//
// CALL ORDER for one job
//   admit      once, before the job is stored. Must change nothing anywhere; `describe` says what it would go by, and
//              `explain` what it would decide.
//   start      after the job is stored. Repeated until it returns, possibly by another process after a crash.
//   observe    any number of times after the first start was tried, whenever `changed` named the job, after a
//              restart, and when `again` asked for it.
//   control    any time after start returned and before the verdict; `cancel` also before any start.
//   forget     after the verdict was stored and the job expired or was deleted.
// `output`, `network` and `resources` may be called any time between the first start and forget.
//
// WHAT MAY OVERLAP
//   Calls for different jobs overlap freely. For one job the core never has two of start, observe, control and forget
//   under way at once; output, network and resources overlap with everything.
//
// WHAT MUST BE SAFE TO REPEAT
//   start      The program must not run twice, whatever was killed in between. Everything a start makes is named after
//              the job's id, so that a repeat finds the first; whatever claims the right to run must be atomic.
//   control    After a crash the core repeats what it had stored as asked.
//   forget     It must succeed when there is nothing left, and after a start that failed half-way.
//
// WHAT SURVIVES
//   Jobs outlive the launcher. `close` leaves them running. After a restart the core calls `list` and reconciles what
//   the backend holds with its store, job by job: a job the store does not know is taken back with `recall`.
//
// EVENTS
//   `context.changed(id)` says "look at this job", nothing more. It may be called twice, late, or for a job that is
//   unknown; a lost call must be made good by the plugin (by a relist or a patrol), because the core does not poll.
//
// ERRORS
//   Throw LauncherError (launcher/errors.ts) for what the caller must be told; in `start` it is final: the job becomes
//   Failed with reason StartFailed and that message. Anything else thrown from start is taken as passing trouble: the
//   core logs it, shows it as the message of the pending job (and its `reason`, where it is one of
//   launcher/model/reasons.ts), and tries again with growing delay.

import type { Logger } from 'pino'
import type { Static, TObject } from 'typebox'
import type { Explanation, Ruled } from './model/explanation.ts'
import type { Intent, Job, JobSubmission, Outcome } from './model/job.ts'
import type { Operation } from './model/status.ts'
import type { FileText, ReadFile } from './lib/policy-file.ts'

export { ERRORS, isLauncherError, LauncherError, type ErrorCode, type ErrorDetails, type ErrorKind } from './errors.ts'
export type { FileText, ReadFile }
export type * from './model/explanation.ts'
export type { Intent, Job, JobSubmission, Outcome } from './model/job.ts'
export { stopGraceMs } from './model/job.ts'
export { isEnded, JOB_STATUSES, OPERATIONS, type JobStatus, type Operation } from './model/status.ts'
export { REASONS, type Reason } from './model/reasons.ts'

/** Version of this contract. The launcher refuses a plugin of another at start. */
export const CONTRACT = 1

/** A plugin declares itself as data; the launcher checks it before it is created. */
export interface PluginDefinition<Config extends TObject = TObject> {
  /** Value of `type` in a `[cluster]` section. */
  readonly type: string
  readonly contract: typeof CONTRACT
  /** Schema of the keys in the cluster's conf file. Unknown keys are refused with file, line and the nearest key. */
  readonly config: Config
  /** Makes the plugin ready to be called; rejects with a LauncherError when it never can be. Starts no job. */
  readonly create: (config: Static<Config>, context: PluginContext) => Promise<Plugin>
  /** Checks what the cluster needs, for `job-launcher doctor`; changes nothing; never throws for what it finds. */
  readonly diagnose?: (config: Static<Config>, context: DiagnosisContext) => AsyncIterable<Finding>
  /**
   * Reads the policy files that the configuration names, all of them with `read`, for `job-launcher check`. Rejects
   * with ConfInvalid, whose `details.problems` tell all that is wrong in all of them. Reaches nothing but these files.
   */
  readonly check?: (config: Static<Config>, read: ReadFile) => Promise<unknown>
}

/** What the core lends to a diagnosis. */
export interface DiagnosisContext {
  readonly log: Logger
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What one check of a diagnosis found. A check that looks at several things gives a finding for each. */
export interface Finding {
  /** Permanent id of the check, such as `api-server`. */
  readonly check: string
  /**
   * `missing`: jobs cannot run as they should. `warning`: they can, with less. `skipped`: it could not be looked at.
   */
  readonly state: 'ok' | 'missing' | 'warning' | 'skipped'
  /** One sentence that says what is, with the words of the server beside ours where there are any. */
  readonly message: string
  /** What to do; only when not ok, and left out where another finding says it. */
  readonly help?: string
  /** A file that helps, as text to be used as it is; shown once after all findings. */
  readonly attachment?: string
}

/** What the core lends to a plugin. */
export interface PluginContext {
  /** Name of the cluster, as in `[cluster] name=`. */
  readonly cluster: string
  /** Folder for the plugin's own files. It exists, belongs to the launcher and has mode 0700. */
  readonly scratchPath: string
  /** Id of this launcher instance; labels whatever the plugin makes where others can see it. */
  readonly instance: string
  /**
   * User whose jobs need no user of their own: server-user of launcher.conf; undefined means the launcher's own user.
   */
  readonly serverUser: string | undefined
  readonly log: Logger
  /** The launcher's own environment: what a platform tells its processes, such as where its API is. Never a job's. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where a plugin whose backend is elsewhere counts how its connection goes; the metrics of the launcher show it. */
  readonly counts: ClusterCounts
  readonly changed: (id: string) => void
}

/** What there is to count about the connection to a cluster. `kind` is a kind of object, such as Pod. */
export interface ClusterCounts {
  /** A whole list was read. */
  relisted (kind: string): void
  /** A watch had to be opened again; `cause` is one of few words. */
  reconnected (kind: string, cause: string): void
  /** The cluster asked the launcher to slow down. */
  throttled (): void
  /** Following a job's output had to begin again. */
  outputReopened (): void
  /** Lines in a job's output that were the cluster's own and were left out. */
  foreignLines (lines: number): void
  /** The policy files had a new content, which came into force or was wrong. */
  policyLoaded (ok: boolean): void
  /** From now on `ageMs` says how many milliseconds ago the cluster last told of this kind; undefined: never yet. */
  showAge (kind: string, ageMs: () => number | undefined): void
}

/** Whom something is decided for. */
export interface Subject {
  readonly user: string
  /** Names of his groups: those of this machine's, or those that a trusted host named with the request. */
  readonly groups: readonly string[]
}

/** What a cluster can do; shown at GET /v1/clusters/{name}. The core refuses the rest before the plugin is asked. */
export interface Capabilities {
  /** Operations the cluster can carry out. */
  readonly operations: readonly Operation[]
  /**
   * Fields of a submission that the cluster cannot honour; a job that has one is refused with NotSupportedByCluster.
   */
  readonly unsupportedFields: ReadonlyArray<keyof JobSubmission>
  /** `separate`: stdout and stderr are kept apart. `mixed`: the cluster has one stream, served as `both`. */
  readonly output: 'separate' | 'mixed'
  /** Types of resourceLimits that the cluster keeps; anything the operator should know about the others. */
  readonly limits: ReadonlyArray<{ type: string, enforced: boolean, note?: string }>
}

/** What a user may use, and what he gets who asks for nothing. What a cluster does not have is left out. */
export interface Entitlements {
  /**
   * In the units of resourceLimits. A limit without `max` has no bound; one without `default` is not set where a job
   * does not.
   */
  readonly limits: ReadonlyArray<{
    readonly type: string
    readonly default?: Ruled<number>
    readonly max?: Ruled<number>
  }>
  /**
   * Images that a job may have, in the order of the files; `versions` are those of each language in it, where they are
   * known.
   */
  readonly images?: ReadonlyArray<{
    readonly name: string
    readonly title?: string
    readonly versions: Readonly<Record<string, readonly string[]>>
  }>
  /** Whether a job may name an image that is none of `images`. */
  readonly otherImages?: boolean
  /** In the order of the file; the first is the default where a job may name no limits of its own. */
  readonly resourceProfiles?: ReadonlyArray<{
    readonly name: string
    readonly title: string
    readonly limits: ReadonlyArray<{ readonly type: string, readonly value: number }>
    readonly placementConstraints: ReadonlyArray<{ readonly name: string, readonly value?: string }>
  }>
  /** Whether a job may name limits of its own. */
  readonly ownLimits: boolean
  readonly serviceAccounts?: readonly string[]
  /** The policy that all of this comes from: launcher/plugin-kit/policy-reloader.ts. */
  readonly policy: { readonly since: number, readonly lastTried: number, readonly problem?: string }
}

/** What the backend shows of one job now. */
export type Observation =
  /** There is no trace of the job. When it had been handed over, it is lost; otherwise the core starts it. */
  | { readonly state: 'absent' }
  /** A start left traces but did not get as far as claiming the right to run: the core calls start again. */
  | { readonly state: 'unclaimed' }
  /**
   * Taken, not running yet. `reason` and `message` say what it waits for, in a sentence an ordinary user understands.
   */
  | PendingObservation
  /** Running, or held. `startTime` in milliseconds since 1970. */
  | ActiveObservation
  /** Over, and all output is there. The same verdict must come again when it is asked again. */
  | { readonly state: 'ended', readonly outcome: Outcome, readonly startTime?: number, readonly endTime?: number }

export interface PendingObservation {
  readonly state: 'pending'
  readonly reason?: string
  readonly message?: string
  /** Milliseconds after which the core looks again without being told of a change. */
  readonly requeueAfterMs?: number
}

export interface ActiveObservation {
  readonly state: 'running' | 'suspended'
  readonly startTime: number
  readonly pid?: number
  readonly host?: string
  /** Something the user should know while it runs, such as a limit that is not kept. */
  readonly message?: string
  /**
   * Milliseconds after which the core looks again without being told of a change, such as the rest of a stop's grace.
   */
  readonly requeueAfterMs?: number
}

/** Which output, from where. */
export interface OutputRequest {
  /** `both` follows the two streams as they grow; their order against each other is not kept by separate files. */
  readonly stream: 'stdout' | 'stderr' | 'both'
  /** Byte offsets to start from. `stdout` is the offset of the one stream where the cluster's output is mixed. */
  readonly from: { readonly stdout: number, readonly stderr: number }
  /** Go on until the job has ended and all of its output was given. */
  readonly follow: boolean
  /** Ends the reading; the iterator then returns without an error. */
  readonly signal: AbortSignal
}

/** A piece of output. Pieces of one stream follow each other without gap or overlap. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr' | 'mixed'
  /** Byte offset of the first byte of `data` in its stream. */
  readonly offset: number
  readonly data: Uint8Array
}

/** Where a job's ports can be reached from the launcher's machine. */
export interface Network {
  readonly host: string
  readonly addresses: readonly string[]
  readonly ports: ReadonlyArray<{
    targetPort: number
    publishedPort: number
    protocol: 'TCP' | 'UDP'
    address: string
    /** Whether the job listens on the port. Left out if the cluster cannot tell. */
    listening?: boolean
  }>
  /** Name under which the ports answer inside the cluster for as long as the job exists, where the cluster has one. */
  readonly service?: string
}

/** One measurement of a job, its children included. */
export interface Resources {
  /** Milliseconds since 1970. */
  readonly time: number
  /** Seconds of CPU used since the start, where the cluster counts them. */
  readonly cpuSeconds?: number
  /** CPUs in use now: 1 is one CPU fully used. Undefined on the first measurement where only a total is known. */
  readonly cpus?: number
  /** Resident memory in bytes. */
  readonly residentBytes: number
  /** Virtual memory in bytes, where the cluster knows it. */
  readonly virtualBytes?: number
  readonly processes?: number
}

/** Whether the backend can be reached. `message` says why not, and what to do. */
export interface Health {
  readonly ready: boolean
  readonly message?: string
}

export interface Plugin {
  readonly capabilities: Capabilities

  /**
   * Checks what only the cluster knows (does the user exist, can the limits be kept) and returns the submission with
   * what the cluster fills in. Throws LauncherError. Changes nothing: admitting a job that is then not started is free.
   * `who` is whose job it will be; the groups are kept with the job as `groups`, so that what is made for it later is
   * decided with the same ones.
   */
  admit (submission: JobSubmission, subject: Subject): Promise<JobSubmission>

  /** What `admit` would go by for a job of this user now. */
  entitlements (subject: Subject): Promise<Entitlements>

  /**
   * Decides as `admit` does, by the same code, and tells why: also of a job that would be refused, as far as it can be
   * told. Changes nothing anywhere and admits nothing; the backend may be asked what it would say, as long as nothing
   * comes of it. A backend that cannot be asked is told of in the explanation, not thrown.
   */
  explain (submission: JobSubmission, subject: Subject): Promise<Explanation>

  /** Starts the job, or finds that it was started. Returns when the backend has taken it, not when it runs. */
  start (job: Job): Promise<void>

  /**
   * Looks at the backend and says what is true now. With `job.intent` it also carries out what time demands, such as
   * SIGKILL when the grace of a stop is over: the decision is made from the job and the clock, so it is right after a
   * restart too.
   */
  observe (job: Job): Promise<Observation>

  /** Asks for `operation` and returns when it has been asked for, not when it is done; `observe` shows the effect. */
  control (job: Job, operation: Operation): Promise<void>

  /** Ids of every job of this instance that the backend holds, ended ones included. */
  list (): AsyncIterable<string>

  /** The job as it was started, for a store that has lost it; undefined when the backend's record cannot be read. */
  recover (id: string): Promise<RecoveredJob | undefined>

  /**
   * Opens the output and resolves at once, also while there is none yet; the pieces come as they are pulled. Rejects
   * with OutputOffsetPastEnd or OutputNotReadable before the first piece.
   */
  output (job: Job, request: OutputRequest): Promise<AsyncIterable<OutputChunk>>

  /** Where the job's ports are. Throws JobNotRunning when it has none yet. */
  network (job: Job): Promise<Network>

  /** Throws JobNotRunning, or ResourcesNotAvailable where the cluster does not measure. */
  resources (job: Job): Promise<Resources>

  /** Removes every trace: files, objects. Only for ended jobs. */
  destroy (job: Job): Promise<void>

  health (): Promise<Health>

  /** Takes a new configuration for what is admitted from now on; rejects with a LauncherError and keeps the old one. */
  reload (config: unknown): Promise<void>

  /** Stops watching and closes connections. Leaves jobs running. */
  close (): Promise<void>
}

/** What a plugin must keep beside the running job so that a launcher without its database can take it up. */
export type RecoveredJob = Pick<Job, 'id' | 'user' | 'groups' | 'submission' | 'submissionTime'> & { intent?: Intent }
