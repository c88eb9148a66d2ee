// Gives a step with a large text its own turn of the event loop, so that other requests are served between two steps.

import { setImmediate } from 'node:timers/promises'

/** Characters, or bytes, that a step handles in a few milliseconds. */
const LARGE = 1 << 17

/** Resolves at once for a small size, and in the next turn for a large one. */
export async function turnForLarge (size: number): Promise<void> {
  if (isLarge(size)) await setImmediate()
}

export function isLarge (size: number): boolean {
  return size > LARGE
}
