// When a container's log that is not followed is read again, and when what is missing of it will never come.

import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from '../client/errors.ts'

/** How long after a reading that gave something, and after the start of the program, the log is read. */
const READ_AGAIN_MS = 5000
/**
 * The same after readings that gave nothing, each of which doubles it: a quiet program must not cost the cluster a
 * reading every few seconds.
 */
const READ_AGAIN_MOST_MS = 20_000
const FIRST_WAIT_MS = 200
const MOST_WAIT_MS = 10_000
/** A node that does not give the log of a container that has ended is waited for so long. */
const NODE_GIVES_MS = 60_000

/** What is remembered of earlier readings. */
export interface Attempts {
  /** Readings in a row that failed. */
  readonly failures: number
  /** What was waited for the last reading that did not fail. */
  readonly pauseMs: number
}

export const NO_ATTEMPTS: Attempts = { failures: 0, pauseMs: READ_AGAIN_MS }

/** After a reading that did not fail. */
export function afterRead ({ pauseMs }: Attempts, gave: boolean): Attempts {
  return { failures: 0, pauseMs: gave ? READ_AGAIN_MS : Math.min(2 * pauseMs, READ_AGAIN_MOST_MS) }
}

export function afterFailure ({ failures, pauseMs }: Attempts): Attempts {
  return { failures: failures + 1, pauseMs }
}

/** Milliseconds until the next reading. */
export function msUntilNextRead ({ failures, pauseMs }: Attempts): number {
  return failures > 0 ? backoffMs(failures, FIRST_WAIT_MS, MOST_WAIT_MS) : pauseMs
}

/** What a node says of a container that it knows no more. */
const REMOVED = /is waiting to start|is terminated$/

/** Whether what is still missing of a container that has been over for so long will never come. */
export function isLost (error: unknown, overMs: number): boolean {
  if (isNotFound(error) || isForbidden(error)) return true
  if (error instanceof KubeApiError && error.status === 400 && REMOVED.test(error.serverMessage)) return true
  const silent = error instanceof NoAnswerError && error.reason === 'silence'
  const ofNode =
    silent || (error instanceof KubeApiError && (error.status === 400 || error.serverMessage.includes('containerLogs')))
  return ofNode && overMs > NODE_GIVES_MS
}
