// Limits how long a stream may be idle before its connection counts as dead.

import { NoAnswerError } from './errors.ts'

/**
 * Yields the chunks of the stream that `open` returns. Throws NoAnswerError with the reason `silence` if none arrives
 * for `limitMs`.
 */
export async function * withIdleTimeout (
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  limitMs: number,
  signal: AbortSignal,
  requestName: string
): AsyncGenerator<Uint8Array, void, undefined> {
  const idle = new AbortController()
  const timer = setTimeout(
    () =>
      idle.abort(
        new NoAnswerError(`The API server sent nothing for ${limitMs / 1000} s in ${requestName}.`, 'silence', false)
      ),
    limitMs
  )
  try {
    for await (const chunk of open(AbortSignal.any([signal, idle.signal]))) {
      timer.refresh()
      yield chunk
    }
  } finally {
    clearTimeout(timer)
  }
}
