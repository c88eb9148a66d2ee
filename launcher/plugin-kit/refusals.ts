// Collects the refusals of a job while the rest of it is still decided, so that one pass can report all of them.

import { isLauncherError, LauncherError } from '../errors.ts'
import type { Decision, JobSubmission } from '../plugin.ts'

export interface Refusals {
  /** In the order in which they were found. */
  readonly all: readonly LauncherError[]
  add (refusal: LauncherError | undefined): void
  /** Returns the result of a step, or undefined if it throws a LauncherError. Any other error is thrown on. */
  during<T> (step: () => T): T | undefined
  duringAsync<T> (step: () => Promise<T>): Promise<T | undefined>
}

export function collectRefusals (): Refusals {
  const all: LauncherError[] = []
  function collect (error: unknown): undefined {
    if (!isLauncherError(error)) throw error
    all.push(error)
  }
  return {
    all,
    add (refusal) { if (refusal !== undefined) all.push(refusal) },
    during (step) {
      try {
        return step()
      } catch (error) {
        return collect(error)
      }
    },
    async duringAsync (step) {
      try {
        return await step()
      } catch (error) {
        return collect(error)
      }
    }
  }
}

/** Returns the submission that a decision admits. Throws the first refusal if it admits none. */
export function admittedOrThrow ({ admitted, refusals }: Pick<Decision, 'admitted' | 'refusals'>): JobSubmission {
  if (admitted !== undefined) return admitted
  throw refusals[0] ?? new LauncherError('InternalError', 'The cluster neither admits the job nor refuses it.')
}
