// Sends a call again while the launcher that has answered before is restarted.

import { setTimeout as delay } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { systemCode } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'

/** A supervised launcher that was killed is back within a second or two. */
const RESTART_MS = 10_000
const MAX_DELAY_MS = 500
/** Retries of a call whose connection is closed each time. */
const MAX_CLOSED = 3
/** Codes of a connection that was closed before a reply came. */
const CLOSED: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
/** Codes of a call that has reached no launcher. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED'])

export interface ResendOptions {
  /** To send the call twice is the same as to send it once. */
  readonly isIdempotent: boolean
  readonly signal: AbortSignal | undefined
}

type Send = (request: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
type Resend = (request: Dispatcher.RequestOptions, options: ResendOptions) => Promise<Dispatcher.ResponseData>

/**
 * A call that can be sent twice is sent again if its connection was closed without a reply: the launcher has ended
 * meanwhile, closes a connection that idled too long, and under a flood of connections one whose key it has not read.
 * Every call is sent again that reached no launcher, for `restartMs` at most, if the launcher answered an earlier one.
 * After a wait in vain, calls fail at once until the launcher answers again.
 */
export function resendTo (send: Send, restartMs = RESTART_MS): Resend {
  let wasPresent = false

  return async (request, { isIdempotent, signal }) => {
    const until = performance.now() + restartMs
    let closed = 0
    for (let failures = 1; ; failures++) {
      try {
        const reply = await send(request)
        wasPresent = true
        return reply
      } catch (error) {
        const code = systemCode(error) ?? ''
        if (ABSENT.has(code)) {
          if (performance.now() >= until) wasPresent = false
          if (!wasPresent) throw error
        } else if (CLOSED.has(code)) {
          if (!isIdempotent || ++closed > MAX_CLOSED) throw error
          wasPresent = true
        } else {
          throw error
        }
      }
      await delay(Math.min(backoffMs(failures), MAX_DELAY_MS), undefined, { signal })
    }
  }
}
