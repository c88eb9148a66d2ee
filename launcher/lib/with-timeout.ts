// Bounds how long a caller waits for a piece of work.

import { LauncherError } from '../errors.ts'

/** Rejects with RequestTimeout after `ms` milliseconds; the work itself goes on. */
export async function withTimeout<T> (work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LauncherError('RequestTimeout', `There was no answer within ${ms / 1000} s.`)),
      ms
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
