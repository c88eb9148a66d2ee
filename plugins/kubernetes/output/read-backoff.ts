// Decides when to read an unfollowed container log again, and when its missing part is lost.

import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from '../client/errors.ts'

/** Delay until the next read after one with new output, and until the first read after the start of the program. */
const MIN_PAUSE_MS = 5000
/**
 * Maximum delay. Each read without new output doubles the delay: a quiet program must not cost the cluster a read every
 * few seconds.
 */
const MAX_PAUSE_MS = 20_000
const FIRST_DELAY_MS = 200
const MAX_DELAY_MS = 10_000
/** How long to wait for a node that does not return the log of a terminated container. */
const NODE_TIMEOUT_MS = 60_000

/** State of the earlier reads. */
export interface Attempts {
  /** Consecutive failed reads. */
  readonly failures: number
  /** Delay after the last successful read. */
  readonly pauseMs: number
}

export const NO_ATTEMPTS: Attempts = { failures: 0, pauseMs: MIN_PAUSE_MS }

/** Returns the state after a successful read. */
export function afterRead ({ pauseMs }: Attempts, hasNewOutput: boolean): Attempts {
  return { failures: 0, pauseMs: hasNewOutput ? MIN_PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS) }
}

export function afterFailure ({ failures, pauseMs }: Attempts): Attempts {
  return { failures: failures + 1, pauseMs }
}

/** Milliseconds until the next read. */
export function msUntilNextRead ({ failures, pauseMs }: Attempts): number {
  return failures > 0 ? backoffMs(failures, FIRST_DELAY_MS, MAX_DELAY_MS) : pauseMs
}

/** A node's message for a container that it has removed. */
const REMOVED = /is waiting to start|is terminated$/

/** The server's message if it cannot reach the node, or if the node has no address, as without a kubelet. */
const NOT_FROM_NODE = /containerLogs|no preferred addresses found/

/** Whether the missing output of a container that terminated `endedForMs` ago is lost. */
export function isLost (error: unknown, endedForMs: number): boolean {
  if (isNotFound(error) || isForbidden(error)) return true
  if (error instanceof KubeApiError && error.status === 400 && REMOVED.test(error.serverMessage)) return true
  const isUseless = error instanceof NoAnswerError && (error.reason === 'silence' || error.reason === 'incomplete')
  const isNodeError = isUseless ||
    (error instanceof KubeApiError && (error.status === 400 || NOT_FROM_NODE.test(error.serverMessage)))
  return isNodeError && endedForMs > NODE_TIMEOUT_MS
}
