// Treats a missing object as a result instead of an error.

import { isNotFound } from './errors.ts'

/** Resolves with the result of the call, or with undefined if the API server replies that the object does not exist. */
export async function ignoreNotFound<T> (call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
