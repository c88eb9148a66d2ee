// The Idempotency-Key of a job's submission, and its form in the record that a plugin keeps of the job.

/** A repeat of a submission has the same user, key and body. */
export interface Idempotency {
  /** The user that the submission acted for; empty for the host itself. */
  readonly user: string
  readonly key: string
  readonly bodyHash: string
}

/** Returns undefined if the part of a record is missing or has another shape. */
export function readIdempotency (recorded: unknown): Idempotency | undefined {
  if (typeof recorded !== 'object' || recorded === null) return undefined
  const { user, key, bodyHash } = recorded as Partial<Record<keyof Idempotency, unknown>>
  if (typeof user !== 'string' || typeof key !== 'string' || typeof bodyHash !== 'string') return undefined
  return { user, key, bodyHash }
}
