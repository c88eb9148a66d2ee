// What a user may use on a cluster.

import type { Ruled } from './explanation.ts'
import type { Reach } from './reach.ts'

/** What a user may use, and what a job without requests gets. What does not apply to the cluster is absent. */
export interface Entitlements {
  /**
   * In the units of resourceLimits. A limit without `max` is unbounded; one without `default` is not set unless the job
   * sets it.
   */
  readonly limits: ReadonlyArray<{
    readonly type: string
    readonly default?: Ruled<number>
    readonly max?: Ruled<number>
  }>
  /** Images that a job may have, in the order of the files; `versions` has the known versions of each language. */
  readonly images?: ReadonlyArray<{
    readonly name: string
    readonly title?: string
    readonly versions: Readonly<Record<string, readonly string[]>>
  }>
  /** Whether a job may name an image that is not one of `images`. */
  readonly otherImages?: boolean
  /** In the order of the file; the first is the default if a job may not set limits of its own. */
  readonly resourceProfiles?: ReadonlyArray<{
    readonly name: string
    readonly title: string
    readonly limits: ReadonlyArray<{ readonly type: string, readonly value: number }>
    readonly placementConstraints: ReadonlyArray<{ readonly name: string, readonly value?: string }>
  }>
  /** Whether a job may set limits of its own. */
  readonly ownLimits: boolean
  readonly serviceAccounts?: readonly string[]
  readonly reach?: Reach
  /** The state of the policy that all of this comes from: launcher/plugin-kit/policy-reloader.ts. */
  readonly policy: { readonly since: number, readonly lastTried: number, readonly problem?: string }
}
