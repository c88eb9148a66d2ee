// The plugin contract: what the code behind a cluster must do, in which order it is called, and what it can rely on.
//
// A plugin backs one type of cluster. The core owns ids, the store, status, the queue and HTTP. A plugin owns the
// backend: it starts jobs, reports what it observes, carries out operations and delivers output. It keeps as little
// state of its own as possible: after a restart, everything it needs is in the job that it gets and in the backend.
//
// CALL ORDER for one job
//   decide     before the job is stored, once for each submission and each request for an explanation. Changes nothing
//              anywhere. `capabilities` and `entitlements` describe in advance what it decides by.
//   start      after the job is stored. Repeated until it returns, possibly by another process after a crash.
//   observe    any number of times after the first attempt to start: whenever `changed` named the job, after a
//              restart, and after `requeueAfterMs`.
//   control    any time after start returned and before the outcome; `cancel` also before any start.
//   destroy    after the outcome was stored and the job expired or was deleted.
// `output`, `network`, `resources` and `usage` may be called any time between the first attempt to start and destroy.
//
// WHAT MAY OVERLAP
//   Calls for different jobs overlap freely. For one job the core never has two of start, observe, control and destroy
//   in progress at once; decide, output, network, resources and usage overlap with everything.
//
// WHAT MUST BE SAFE TO REPEAT
//   start      The program must not run twice, whatever was killed in between. Everything that a start creates is named
//              after the job's id, so that a repeated start finds it; claiming the right to run must be atomic.
//   control    After a crash the core repeats the operation that it had stored.
//   destroy    It must succeed if nothing is left, and after a start that failed half-way.
//
// WHAT SURVIVES
//   Jobs outlive the launcher. `close` leaves them running. After a restart the core calls `list` and reconciles what
//   the backend holds with its store, job by job; it recovers a job that the store does not know with `recover`.
//
// EVENTS
//   `context.changed(id)` means "reconcile this job" and nothing more. It may be called twice, late, or for an unknown
//   job. The plugin must make up for a lost call (by a relist or a poll), because the core does not poll.
//
// ERRORS
//   LauncherError     A failure with a code, for the caller. From `start` it is final: the job becomes Failed with the
//                     reason StartFailed and this message.
//   RetryableError    From `start`: a failure that may pass. The core logs it, shows its message and reason on the
//                     pending job, and repeats the start with growing delay.
//   Any other error   A defect. From `start`, the core shows its message, repeats the start in the same way, because
//                     the program may be running, and logs the defect as an error.
//   The core logs a failed `observe` and repeats it with growing delay. ClusterUnavailable from `list`, and
//   ClusterUnavailable or StoreUnavailable from `control` after a restart, have the core repeat the call later.

import type { Logger } from 'pino'
import type { Static, TObject } from 'typebox'
import type { Capabilities } from './model/capabilities.ts'
import type { ClusterCounts } from './model/cluster-counts.ts'
import type { Entitlements } from './model/entitlements.ts'
import type { Decision } from './model/explanation.ts'
import type { Finding } from './model/finding.ts'
import type { Intent } from './model/intent.ts'
import type { Job, JobSubmission, RecoveredJob } from './model/job.ts'
import type { JobPlace } from './model/job-place.ts'
import type { Network } from './model/network.ts'
import type { Observation } from './model/observation.ts'
import type { StartRules } from './model/start-rules.ts'
import type { Operation } from './model/status.ts'
import type { MeasuredJob, Measurements, Resources } from './model/usage.ts'
import type { FileText, ReadFile } from './lib/policy-file.ts'

export { MOUNT_SOURCES, type MountTypeName } from './model/mount-sources.ts'
export { ERRORS, isLauncherError, LauncherError, RetryableError } from './errors.ts'
export type { ErrorCode, ErrorDetails, ErrorKind } from './errors.ts'
export type { FileText, ReadFile }
export type * from './model/capabilities.ts'
export type * from './model/cluster-counts.ts'
export type * from './model/conf-key.ts'
export { setting } from './model/conf-key.ts'
export type * from './model/entitlements.ts'
export type * from './model/explanation.ts'
export type { Finding } from './model/finding.ts'
export type * from './model/job-place.ts'
export type * from './model/network.ts'
export type * from './model/observation.ts'
export type * from './model/reach.ts'
export type { StartRules } from './model/start-rules.ts'
export type * from './model/job-usage.ts'
export type * from './model/usage.ts'
export { readIdempotency, type Idempotency } from './model/idempotency.ts'
export { readJobKey, type JobKey } from './model/job-key.ts'
export { readJobArray, type JobArray } from './model/job-array.ts'
export { launcherVariables, withReferences, type KnownAtStart } from './model/launcher-variables.ts'
export type { Cause, Intent, RequestedBy } from './model/intent.ts'
export type { Job, JobSubmission, Outcome, RecoveredJob } from './model/job.ts'
export { isEnded, JOB_STATUSES, OPERATIONS, type JobStatus, type Operation } from './model/status.ts'
export { stopGraceMs } from './model/stop-grace.ts'
export { truncated, TRUNCATIONS, type OutputTruncated } from './model/output-truncated.ts'
export { REASONS, type Reason } from './model/reasons.ts'

/** Version of this contract. The launcher refuses a plugin of another at start. */
export const CONTRACT = 1

/**
 * A plugin declares itself as data; the launcher checks it before it is created. `Keys` is the schema of its conf keys,
 * `Config` what the plugin makes of their values.
 */
export interface PluginDefinition<Keys extends TObject = TObject, Config = unknown> {
  /** Value of `type` in a `[cluster]` section. Its conf file is `launcher.TYPE.conf`, in lower case. */
  readonly type: string
  readonly contract: typeof CONTRACT
  /**
   * Schema of the keys in the cluster's conf file, in the order of the file. Unknown keys are refused with file, line
   * and the nearest key. The schema of a key may have the annotations of launcher/model/conf-key.ts; `...setting(NAME)`
   * declares the setting of the host that the key is rendered from. The launcher adds the keys that every cluster has.
   * In a default, `{key}` stands for the value of another key, `{config-dir}` for the folder of launcher.conf.
   */
  readonly keys: Keys
  /** The setting that switches the cluster on. Without it only a launcher.conf written by hand can have the cluster. */
  readonly enabledBy?: { readonly key: string, readonly default: boolean, readonly description: string }
  /**
   * Makes the configuration from the values of the keys: plain data, in the plugin's own names and units. Reports keys
   * that do not go together to `rules`; the result is then not used. Pure. Every key has passed its schema.
   */
  configOf (keys: Static<Keys>, rules: KeyRules): Config
  /** Creates a plugin that is ready for calls. Rejects with a LauncherError if it never can be. Starts no job. */
  create (config: Config, context: PluginContext): Promise<Plugin<Config>>
  /**
   * Returns where the cluster has its jobs in the backend, according to the configuration and the environment. The
   * launcher refuses two clusters of one type with the same place. Contacts no backend. Rejects with a LauncherError
   * if a file cannot be read. Absent: only the scratch path has jobs.
   */
  jobPlace? (config: Config, environment: PluginContext['environment']): Promise<JobPlace>
  /** Checks what the cluster needs, for `job-launcher doctor`. Removes what it makes. Never throws for a finding. */
  diagnose? (config: Config, context: DiagnosisContext): AsyncIterable<Finding>
  /**
   * Reads the policy files that the configuration names, all of them with `read`, for `job-launcher check`. Rejects
   * with ConfInvalid, or with FileNotReadable or FileNotTrusted if that is all that is wrong. Their `details.problems`
   * list every problem in all of them. Accesses nothing but these files.
   */
  check? (config: Config, read: ReadFile): Promise<unknown>
}

/** What a plugin uses to check rules between the keys of its conf file. */
export interface KeyRules {
  /** Whether the file is rendered from the settings of a host; otherwise an operator wrote it. */
  readonly rendered: boolean
  /** `problem` completes a sentence that begins with the key. It is shown at the line of the key, or of its setting. */
  report (key: string, problem: string): void
  /** Returns a key's name in messages: its setting if the file is rendered and the key has one, otherwise the key. */
  nameOf (key: string): string
  /** Returns the line that sets a key; undefined if the key has its default. */
  lineOf (key: string): { readonly file: string, readonly line: number } | undefined
}

/** What the core provides for a diagnosis, which only reads in the scratch path: it may not exist yet. */
export interface DiagnosisContext extends Pick<PluginContext, 'cluster' | 'scratchPath' | 'log' | 'environment'> {
  /** Process id of the launcher that runs on the scratch path of the configuration now; absent if none does. */
  readonly launcherPid?: number
  /** The image of jobs that a check runs. Absent: one that the cluster's policy names. */
  readonly image?: string
  /** Aborts the diagnosis: a check in progress ends, and removes what it made. */
  readonly signal?: AbortSignal
}

/** What the core provides for a plugin. */
export interface PluginContext {
  /** Name of the cluster, as in `[cluster] name=`. */
  readonly cluster: string
  /** Folder for the plugin's own files. It exists, belongs to the launcher and has mode 0700. */
  readonly scratchPath: string
  /** Id of this launcher instance; labels everything that the plugin creates where others can see it. */
  readonly instance: string
  /**
   * The default user, who owns the jobs that name no user: server-user of launcher.conf. Undefined means the user that
   * the launcher runs as.
   */
  readonly serverUser: string | undefined
  readonly log: Logger
  /**
   * The launcher's own environment. It has what a platform passes to its processes, such as the address of its API.
   * Never the environment of a job.
   */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For a plugin with a remote backend: counters of its connection, which the launcher's metrics publish. */
  readonly counts: ClusterCounts
  /** Reports that a job may have changed: see EVENTS. */
  readonly changed: (id: string) => void
  /** Reports that `startRules` may return something else, because the policy has changed. */
  readonly startRulesChanged: () => void
}

/** The user and groups that a decision is made for. */
export interface Subject {
  readonly user: string
  /** Names of the user's groups: those of this machine, or those that a trusted host named in the request. */
  readonly groups: readonly string[]
}

/** Which output to read, and where to start. */
export interface OutputRequest {
  /** `both` follows the two streams as they grow. Separate files do not preserve the order between them. */
  readonly stream: 'stdout' | 'stderr' | 'both'
  /** Byte offsets to start from. If the cluster's output is mixed, `stdout` is the offset of its one stream. */
  readonly from: { readonly stdout: number, readonly stderr: number }
  /** Start at so many last lines of each stream. Its first chunk is empty, and has the offset. `from` is 0 then. */
  readonly tailLines?: number
  /** Continue until the job has ended and all of its output was delivered. */
  readonly follow: boolean
  /** Aborts the read. The iterator then returns without an error. */
  readonly signal: AbortSignal
  /** With `follow`: aborted once the job has ended, also if the plugin never started it. */
  readonly ended?: AbortSignal
}

/** A chunk of output. The chunks of one stream follow each other without gap or overlap. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr' | 'mixed'
  /** Byte offset of the first byte of `data` in its stream. */
  readonly offset: number
  readonly data: Uint8Array
  /** A reader that no longer uses `data` may call this, once. Its memory is then used for other output. */
  readonly release?: () => void
}

/** A job that another launcher instance of the same installation started, as its backend shows it. */
export interface ForeignJob extends RecoveredJob {
  /** Id of the launcher instance that started it. */
  readonly instance: string
  /** As `observe` of the contract; changes nothing. */
  observe (): Promise<Observation>
  /** As `output` of the contract, for a job whose output other launchers can read. Absent for any other. */
  output? (request: OutputRequest): Promise<AsyncIterable<OutputChunk>>
}

/** Whether the backend can be reached. `message` says why not, and what to do. */
export interface Health {
  readonly ready: boolean
  readonly message?: string
}

export interface ObserveOptions {
  /**
   * The start timeout of the job is over, and the core ends it next unless it has started. The outcome keeps the
   * `reason` and the `message` of this observation, so the plugin may take up to five seconds to find them.
   */
  readonly startOverdue?: boolean
}

export interface Plugin<Config = unknown> {
  readonly capabilities: Capabilities

  /**
   * Decides whether the job can run, based on what only the cluster knows (whether the user exists, whether the limits
   * can be enforced), and completes the submission with what the cluster fills in. Changes nothing: admitting a job
   * that is then never started costs nothing. A refusal is in the decision; the call rejects only if nothing could be
   * decided.
   *
   * `subject` is the user whose job it will be. Its groups are kept with the job as `groups`, so that everything that
   * is created for the job later is decided with the same groups.
   *
   * With `explain` the decision has an explanation, as complete as possible, even for a refused job. Only then may the
   * backend be asked for its answer, provided that the request has no effect. If the backend cannot be asked, the
   * explanation says so. Without `explain` the plugin may end at the first refusal and should do no work that only an
   * explanation needs.
   */
  decide (submission: JobSubmission, subject: Subject, options: { readonly explain: boolean }): Promise<Decision>

  /** Returns what `decide` would apply to a job of this user now. */
  entitlements (subject: Subject): Promise<Entitlements>

  /**
   * Returns how many jobs may run at once and which start first. The core asks at each start, and again after a reload
   * and `startRulesChanged`. Absent: there is no bound, and no priority counts against jobs of other users.
   */
  startRules? (subject: Subject): StartRules

  /** Starts the job, or finds it started. Returns when the backend has accepted the job, not when the job runs. */
  start (job: Job): Promise<void>

  /**
   * Reads the backend and reports what is true now. With `job.intent` it also carries out what has become due, such as
   * SIGKILL at the end of a stop's grace. It decides from the job and the clock, so it is correct after a restart too.
   */
  observe (job: Job, options?: ObserveOptions): Promise<Observation>

  /** Requests `operation`. Returns once it was requested, not once it is done; `observe` shows the effect. */
  control (job: Job, operation: Operation): Promise<void>

  /**
   * True if `list` and `recover` read only this machine. The launcher then recovers every job that its store has lost
   * before it reports that it is ready, for at most ten seconds. Absent counts as false.
   */
  readonly adoptsAtOnce?: boolean

  /**
   * Returns the id that the backend itself gives the place of the jobs, if it is known. The launcher does not start if
   * two clusters of one type have the same. Absent: the backend gives none.
   */
  jobPlaceId? (): string | undefined

  /** Yields the id of every job of this instance that the backend holds, including ended ones. */
  list (): AsyncIterable<string>

  /** Returns the job as it was started, for a store that has lost it, or undefined if its record cannot be read. */
  recover (id: string): Promise<RecoveredJob | undefined>

  /**
   * Returns the stop or kill that `control` noted in the backend, for a store that had no room for it when its launcher
   * ended. At its start the launcher calls it for each unfinished job that `list` yields, and repeats the operation.
   * Absent if `control` notes nothing that can be read at once.
   */
  notedIntent? (id: string): Intent | undefined
  /** As `output` of the capabilities, for this job. Missing: all jobs are alike. */
  outputKind? (job: Job): Capabilities['output']
  /**
   * Opens the output and resolves at once, even if no output exists yet. The chunks are read as they are pulled.
   * Rejects with OutputOffsetPastEnd or OutputNotReadable before the first chunk.
   */
  output (job: Job, request: OutputRequest): Promise<AsyncIterable<OutputChunk>>
  /**
   * Finds a job of another launcher instance of the same installation. Resolves with undefined if there is none. Absent
   * if the backend shows no jobs of others. Rejects with ClusterUnavailable.
   */
  foreignJob? (id: string): Promise<ForeignJob | undefined>

  /** Returns where the job's ports are. Rejects with JobNotRunning if it has none yet. */
  network (job: Job): Promise<Network>

  /** Rejects with JobNotRunning, or with ResourcesNotAvailable if the cluster does not measure. */
  resources (job: Job): Promise<Resources>

  /**
   * Measures many running jobs at once, much more cheaply than one after the other. The core calls it every few seconds
   * while a client reads the usage (`isRead`), less often otherwise, for the peaks, and never twice at the same time. A
   * job that cannot be measured has the reason. Rejects with a LauncherError if no job can be. Absent: the jobs have no
   * figures there.
   */
  usage? (jobs: readonly MeasuredJob[], options: { readonly isRead: boolean }): Promise<Measurements>

  /** Removes every trace: files, objects. Only for ended jobs. */
  destroy (job: Job): Promise<void>
  health (): Promise<Health>

  /**
   * Applies a new configuration to everything that is decided from now on. Rejects with a LauncherError and keeps the
   * old one.
   */
  reload (config: Config): Promise<void>

  /** Stops watching and closes connections. Leaves jobs running. */
  close (): Promise<void>
}
