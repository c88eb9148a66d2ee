// Limits how long a caller waits for a promise.

import { LauncherError } from '../errors.ts'

/** Rejects with RequestTimeout after `ms` milliseconds. Does not cancel the work. */
export async function withTimeout<T> (work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LauncherError('RequestTimeout', `No answer within ${ms / 1000} s.`)),
      ms
    )
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
