// The types of the launcher's replies.

import type { JobOutcome } from '../model/job-outcome.ts'
import type { JobStatus, Operation } from '../model/status.ts'
import type { PublicJob } from '../jobs/public-job.ts'
import type { RemovalCause } from '../jobs/store/removals.ts'
import type { ExplainedObject, Explanation, Entitlements, Network, Ruled, StartRules } from '../plugin.ts'

/** A complete job of the API. */
export type ClientJob = PublicJob

/** An array of jobs that was submitted. */
export interface ClientArray {
  /** The id is that of the first job. */
  readonly array: { readonly id: string, readonly count: number }
  /** Ids of the jobs, by index. After a repeat of the submission, jobs that were removed are missing. */
  readonly ids: readonly string[]
}

/** A job that a stream does not show any more: it does not match the filter now, or it was removed. */
export interface RemovedJob {
  readonly id: string
  readonly why: RemovalCause
}

/** What a dry run returns. */
export type ClientJobPreview = Omit<ClientJob, 'id' | 'revision'>

export type ClientNetwork = Network

export interface ClientCluster {
  readonly name: string
  readonly type: string
  readonly ready: boolean
  readonly message?: string
  readonly operations: readonly Operation[]
  readonly unsupportedFields: readonly string[]
  readonly output: 'separate' | 'mixed'
  readonly outputPlace?: 'machine' | 'node' | 'data'
  readonly outputPlaceMessage?: string
  /** The limits for the user that the client acts for. */
  readonly limits: ReadonlyArray<Entitlements['limits'][number] & { enforced: boolean, note?: string }>
  readonly ownLimits: boolean
  readonly images?: Entitlements['images']
  readonly otherImages?: boolean
  readonly resourceProfiles?: Entitlements['resourceProfiles']
  readonly serviceAccounts?: readonly string[]
  readonly reach?: Entitlements['reach']
  /** Times in ISO 8601. */
  readonly policy: { since: string, lastTried: string, problem?: string }
  readonly waitingJobs: number
  readonly maxWaitingJobs: number
  /** How many jobs of all users may run at once. */
  readonly maxRunningJobs?: Ruled<number>
  /** How many jobs of the user that the client acts for may run at once. */
  readonly maxRunningJobsOfUser?: Ruled<number>
  /** Up to which number the priority of the user's jobs counts against jobs of other users. */
  readonly maxPriority?: Ruled<number>
}

/** How a job would run, and why. */
export interface ClientExplanation extends Pick<Explanation, 'resourceProfile' | 'image' | 'expectedWait'> {
  readonly cluster: string
  readonly user: string
  readonly groups: readonly string[]
  readonly accepted: boolean
  /** Every reason to reject the job; a submission fails with the first. */
  readonly refusals: ReadonlyArray<
    { readonly code: string; readonly detail: string; readonly help: string } & Readonly<Record<string, unknown>>
  >
  readonly limits: ReadonlyArray<Explanation['limits'][number] & { enforced: boolean; note?: string }>
  /** `sharedPriority` is the priority against jobs of other users. */
  readonly start: StartRules & { readonly priority: number, readonly sharedPriority: number }
  /** `text` and `origins` are only for the host and administrators. */
  readonly objects?: ReadonlyArray<Pick<ExplainedObject, 'kind' | 'name' | 'verdict'> & Partial<ExplainedObject>>
}

export interface Readiness {
  readonly ready: boolean
  /** Whether the jobs of an earlier launcher on every cluster are known. */
  readonly adopted: boolean
  readonly clusters: ReadonlyArray<{ name: string, ready: boolean, adopted: boolean, message?: string }>
  /** The disk of the scratch path. A full one has a message. */
  readonly disk: { readonly full: boolean, readonly freeBytes: number, readonly message?: string }
}

/** What became of one job of those that a filter selects for an operation. */
export interface ClientControlledJob {
  readonly id: string
  /** What was requested: cancel instead of stop or kill for a waiting job. Missing if nothing was. */
  readonly operation?: Operation
  /** The status after the request. */
  readonly status?: JobStatus
  /** Why the operation was not carried out or, with RequestTimeout and an operation, is not known to be. */
  readonly code?: string
  readonly detail?: string
}

/** The number of jobs that match a filter. */
export interface ClientJobSummary {
  readonly count: number
  /** Has each status. */
  readonly byStatus: Readonly<Record<JobStatus, number>>
  /** Has each outcome. Only ended jobs have one. */
  readonly byOutcome: Readonly<Record<JobOutcome, number>>
  /** Has the users who have a matching job. */
  readonly byUser: Readonly<Record<string, number>>
  /** Has the clusters that have a matching job. */
  readonly byCluster: Readonly<Record<string, number>>
  /** False if jobs of an earlier launcher may be missing. */
  readonly complete: boolean
}

/** What a running job uses. A figure that is not known is absent. */
export interface ClientUsageOfJob {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly cluster: string
  readonly status: JobStatus
  /** Host or node that it runs on. */
  readonly host?: string
  /** Id of the launcher instance that started it. */
  readonly instance: string
  /** CPUs in use now: 1 is one CPU fully used. */
  readonly cpus?: number
  readonly memoryBytes?: number
  /** The most memory that it is known to have used until now. */
  readonly peakMemoryBytes?: number
  /** Seconds of CPU that it has used until now. */
  readonly cpuSeconds?: number
  /** ISO 8601. */
  readonly measuredTime?: string
  /** Why it could not be measured; only with `detail`. */
  readonly code?: string
  readonly detail?: string
}

/** What the running jobs that match a filter use. */
export interface ClientUsage {
  /** Oldest first. */
  readonly jobs: readonly ClientUsageOfJob[]
  /** `measuredJobs` is the number of jobs that have figures, which the sums are of. */
  readonly totals: {
    readonly jobs: number
    readonly measuredJobs: number
    readonly cpus: number
    readonly memoryBytes: number
  }
  /** False if jobs of an earlier launcher may be missing. */
  readonly complete: boolean
}

/** Selects jobs. A job matches all of several tags, and any value of each other list. */
export interface JobFilter {
  readonly status?: readonly string[] | undefined
  readonly outcome?: readonly string[] | undefined
  readonly reason?: readonly string[] | undefined
  readonly exitCode?: readonly number[] | undefined
  /** Names, or beginnings of names with `*` after them. */
  readonly name?: readonly string[] | undefined
  readonly tag?: readonly string[] | undefined
  readonly user?: string | undefined
  readonly cluster?: string | undefined
  /** Id of an array. */
  readonly array?: string | undefined
  /** ISO 8601. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Key of the submission, by the same user. Only for lists. */
  readonly idempotencyKey?: string | undefined
}
