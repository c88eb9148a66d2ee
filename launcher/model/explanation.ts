// What a plugin tells of a job before it is one: what would become of it, and why. A part of the contract in
// launcher/plugin.ts.

import type { LauncherError } from '../errors.ts'
import type { JobSubmission } from './job.ts'

/** A value of the operator's policy, and the line that sets it. */
export interface Ruled<Value> {
  readonly value: Value
  readonly file: string
  readonly line: number
}

/** The same with the key that sets it, as it stands in that line. */
export interface RuledBy<Value> extends Ruled<Value> {
  readonly key: string
}

/** A limit of one job. */
export interface DecidedLimit {
  /** A type of resourceLimits. */
  readonly type: string
  /** What the job asks for, where it asks. */
  readonly asked?: number
  /** What is in force, in the unit of resourceLimits; left out where nothing is. */
  readonly value?: number
  /**
   * The line that sets the value, where it is not the job that does; `key` is the profile's, or the name of a resource
   * profile.
   */
  readonly setBy?: { readonly key: string, readonly file: string, readonly line: number }
  /** The most that the user may have. */
  readonly max?: RuledBy<number>
}

/** An image that was not taken for a job, and where it is defined. */
export interface RejectedImage {
  readonly image: string
  readonly file: string
  readonly line: number
  /** Completes a sentence that begins with the image. */
  readonly why: string
}

/** Which image a job gets, where the cluster has images. */
export interface ExplainedImage {
  /** Left out when none can be taken. */
  readonly image?: string
  /** Completes a sentence that begins with the image. */
  readonly why?: string
  /** Where the image is defined; left out for one that no file defines. */
  readonly definedIn?: { readonly file: string, readonly line: number }
  /** Of each language that is known to be in it: the version, and the path of its program inside the image. */
  readonly versions?: Readonly<Record<string, { readonly version: string, readonly path: string }>>
  readonly rejected: readonly RejectedImage[]
}

/** An object that would be made for a job in the backend. */
export interface ExplainedObject {
  readonly kind: string
  readonly name: string
  /**
   * The object as YAML. What is not the launcher's own has a comment that says where it comes from; secrets and
   * standard input are left out of it.
   */
  readonly text: string
  /**
   * Where each part comes from that is not the launcher's own, by JSON pointer. `from` and `name` say what the file and
   * the line are of.
   */
  readonly origins: ReadonlyArray<{
    readonly pointer: string
    readonly from: string
    readonly name?: string
    readonly file: string
    readonly line?: number
  }>
  /** What the backend says to it. `waits`: not now, but when something passes. `unknown`: it could not be asked. */
  readonly verdict: { readonly state: 'accepted' | 'refused' | 'waits' | 'unknown', readonly message?: string }
}

/** What would become of a job, and why. */
export interface Explanation {
  /** What `admit` would return; left out when something refuses the job. */
  readonly admitted?: JobSubmission
  /**
   * All that refuses the job. The first is what `admit` would throw, or else what the backend will say at the start.
   */
  readonly refusals: readonly LauncherError[]
  /** Limits that the job asks for or that the profiles know. */
  readonly limits: readonly DecidedLimit[]
  /** The resource profile that the job gets, and where it is defined. */
  readonly resourceProfile?: { readonly name: string, readonly file: string, readonly line: number }
  readonly image?: ExplainedImage
  /** Left out by a cluster that makes none; empty when something refuses the job before any are made. */
  readonly objects?: readonly ExplainedObject[]
}
