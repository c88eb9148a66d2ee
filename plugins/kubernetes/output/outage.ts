// Tracks the failed reads of one job's log: logs an outage once, and its end.

import type { Logger } from 'pino'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import type { Progress } from './collect-log.ts'
import { afterFailure, type Attempts } from './read-backoff.ts'

/** Failures in a row after which they are logged as a warning. */
const FAILURES_BEFORE_WARNING = 3

export interface ReadHealth {
  attempts: Attempts
  outage?: Outage
}

/** All reads have failed since `sinceMs`. */
interface Outage {
  readonly sinceMs: number
  readonly isLogged: boolean
  /** The step of a read that failed last, and whose success ends the outage. */
  readonly endsWith: Progress
}

export function recordFailure (health: ReadHealth, id: string, err: unknown, log: Logger): void {
  const { outage } = health
  health.attempts = afterFailure(health.attempts)
  const isWarning = health.attempts.failures >= FAILURES_BEFORE_WARNING && outage?.isLogged !== true
  health.outage = {
    sinceMs: outage?.sinceMs ?? performance.now(),
    isLogged: isWarning || outage?.isLogged === true,
    endsWith: err instanceof KubeApiError || err instanceof NoAnswerError ? 'opened' : 'written'
  }
  log[isWarning ? 'warn' : 'debug']({ err, job: id }, 'log read failed, will retry')
}

export function endOutage (health: ReadHealth, id: string, log: Logger): void {
  const { outage } = health
  delete health.outage
  if (outage?.isLogged === true) {
    log.warn({ job: id, outageMs: Math.round(performance.now() - outage.sinceMs) }, 'log reads restored')
  }
}
