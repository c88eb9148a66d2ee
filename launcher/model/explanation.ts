// The types of a plugin's decision about a submission and its reasons. A part of the contract in launcher/plugin.ts.

import type { LauncherError } from '../errors.ts'
import type { JobSubmission } from './job.ts'

/** A cluster's decision about a submission. */
export interface Decision {
  /** The submission with the values that the cluster fills in; absent if the job is refused. */
  readonly admitted?: JobSubmission
  /**
   * All refusals of the job. A client that submits the job receives the first. Without an explanation, the list may end
   * after the first.
   */
  readonly refusals: readonly LauncherError[]
  /** Present if it was requested. */
  readonly explanation?: Explanation
}

/** Explains a decision: which line each value comes from, and what would be created. */
export interface Explanation {
  /** Limits that the job requests or that the profiles know. */
  readonly limits: readonly DecidedLimit[]
  /** The resource profile that the job gets, and where it is defined. */
  readonly resourceProfile?: { readonly name: string, readonly file: string, readonly line: number }
  readonly image?: ExplainedImage
  /** Absent on a cluster that creates no objects; empty if the job is refused before any are built. */
  readonly objects?: readonly ExplainedObject[]
  /** What an accepted job would wait for; absent if the backend would start it now, or was not asked. */
  readonly expectedWait?: ExpectedWait
}

/** What a job would wait for if it were submitted now. */
export interface ExpectedWait {
  /** `waits`: the backend would not start the job now. `unknown`: the backend could not be asked. */
  readonly state: 'waits' | 'unknown'
  /** A code of launcher/model/reasons.ts, as the pending job would have it. */
  readonly reason?: string
  /** One sentence for the user of the job. */
  readonly message: string
}

/** A line of a file. */
export interface Line {
  readonly file: string
  readonly line: number
}

/** A value of the operator's policy, and the line that sets it. The default of a conf key has no line. */
export interface Ruled<Value> extends Partial<Line> {
  readonly value: Value
}

/** A value of the operator's policy with the key that sets it, spelled as on that line, or "default of KEY". */
export interface RuledBy<Value> extends Ruled<Value> {
  readonly key: string
}

/** A limit of one job. */
export interface DecidedLimit {
  /** A type of resourceLimits. */
  readonly type: string
  /** The value that the job requests, if it does. */
  readonly asked?: number
  /** The value in force, in the unit of resourceLimits; absent if the job has no such limit. */
  readonly value?: number
  /**
   * The line that sets the value, unless the job does. `key` is the key of the profile, or the name of a resource
   * profile. The default of a conf key has no line, and the key is "default of KEY".
   */
  readonly setBy?: { readonly key: string } & Partial<Line>
  /** The most that the user may have. */
  readonly max?: RuledBy<number>
}

/** An image that was not chosen for a job, and where it is defined. */
export interface RejectedImage {
  readonly image: string
  readonly file: string
  readonly line: number
  /** Completes a sentence that begins with the image. */
  readonly why: string
}

/** Which image a job gets, on a cluster that has images. */
export interface ExplainedImage {
  /** Absent if no image can be chosen. */
  readonly image?: string
  /** Completes a sentence that begins with the image. */
  readonly why?: string
  /** Where the image is defined; absent for an image that no file defines. */
  readonly definedIn?: { readonly file: string, readonly line: number }
  /** For each language that the image is known to have: its version, and the path of its program in the image. */
  readonly versions?: Readonly<Record<string, { readonly version: string, readonly path: string }>>
  readonly rejected: readonly RejectedImage[]
}

/** An object that would be created for a job in the backend, by the launcher or by the backend itself. */
export interface ExplainedObject {
  readonly kind: string
  readonly name: string
  /**
   * The object as YAML. Each part that is not the launcher's own has a comment with its origin. Secrets and standard
   * input are left out. Absent for an object that the backend makes from another one, such as a pod.
   */
  readonly text?: string
  /**
   * The origin of each part that is not the launcher's own, by JSON pointer. `from` and `name` identify what the file
   * and the line belong to.
   */
  readonly origins: ReadonlyArray<{
    readonly pointer: string
    readonly from: string
    readonly name?: string
    readonly file: string
    readonly line?: number
  }>
  /**
   * The backend's answer about the object. `waits`: refused now, but accepted after something temporary has passed.
   * `unknown`: the backend could not be asked.
   */
  readonly verdict: { readonly state: 'accepted' | 'refused' | 'waits' | 'unknown', readonly message?: string }
}
