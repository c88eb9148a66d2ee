// Takes what is not there for an answer instead of an error.

import { isNotFound } from './errors.ts'

/** What the call gives; undefined when the API server says that there is no such object. */
export async function ignoreNotFound<T> (call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
