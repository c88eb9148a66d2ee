// Bounds how long a stream may say nothing before its connection counts as dead.

import { NoAnswerError } from './errors.ts'

/**
 * Gives the chunks of the stream that `open` makes; throws NoAnswerError with the reason `silence` when none came for
 * `limitMs`.
 */
export async function * withIdleTimeout (
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  limitMs: number,
  signal: AbortSignal,
  what: string
): AsyncGenerator<Uint8Array, void, undefined> {
  const silence = new AbortController()
  const timer = setTimeout(
    () =>
      silence.abort(
        new NoAnswerError(`The API server was silent for ${limitMs / 1000} s in ${what}.`, 'silence', false)
      ),
    limitMs
  )
  try {
    for await (const chunk of open(AbortSignal.any([signal, silence.signal]))) {
      timer.refresh()
      yield chunk
    }
  } finally {
    clearTimeout(timer)
  }
}
