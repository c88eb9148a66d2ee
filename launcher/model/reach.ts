// What the profiles of a user let the user's jobs reach.

/** What a job may reach beside its own container. */
export interface Reach {
  /** Types of mounts that a job may have; `passthrough:KIND` is a passthrough of one kind of volume. */
  readonly mountTypes: readonly string[]
  /** Whether a job may have dataMounts. */
  readonly dataMounts: boolean
  /** Whether a job may name its host. */
  readonly host: boolean
  /** Tags that choose a base manifest and that a job may have. All other tags are free. */
  readonly baseTags: readonly string[]
  readonly publishedPorts: readonly NumberRange[]
  /** Ids that a job may run as; absent: any. */
  readonly userIds?: readonly NumberRange[]
  readonly groupIds?: readonly NumberRange[]
}

/** Both ends included. */
export interface NumberRange {
  readonly from: number
  readonly to: number
}
