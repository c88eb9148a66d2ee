// Collects what refuses a job while the rest of it is still decided, so that one pass can both admit and explain.

import { isLauncherError, type LauncherError } from '../errors.ts'
import type { Explanation, JobSubmission } from '../plugin.ts'

export interface Refusals {
  /** In the order in which they were met. */
  readonly all: readonly LauncherError[]
  add (refusal: LauncherError | undefined): void
  /** The result of a step; undefined when it refuses. What is no LauncherError is thrown on. */
  during<T> (step: () => T): T | undefined
  duringAsync<T> (step: () => Promise<T>): Promise<T | undefined>
}

export function collectRefusals (): Refusals {
  const all: LauncherError[] = []
  function keep (error: unknown): undefined {
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
        return keep(error)
      }
    },
    async duringAsync (step) {
      try {
        return await step()
      } catch (error) {
        return keep(error)
      }
    }
  }
}

/** What a decision admits. Throws the first refusal. */
export function admittedOrThrow ({ admitted, refusals }: Pick<Explanation, 'admitted' | 'refusals'>): JobSubmission {
  const [first] = refusals
  if (admitted === undefined) throw first
  return admitted
}
