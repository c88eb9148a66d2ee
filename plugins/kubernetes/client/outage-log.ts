// Logs the failures of one repeated activity: the first as a warning, and the first success after it.

import type { Logger } from 'pino'

export interface OutageLog {
  failed (err: unknown): void
  /** Does nothing unless the activity has failed since it last succeeded. */
  succeeded (): void
}

/** Both messages are constant. Later failures of an outage are logged at level debug. */
export function createOutageLog (
  log: Pick<Logger, 'warn' | 'debug'>,
  { failed, restored }: { readonly failed: string, readonly restored: string }
): OutageLog {
  let sinceMs: number | undefined
  return {
    failed (err) {
      log[sinceMs === undefined ? 'warn' : 'debug']({ err }, failed)
      sinceMs ??= performance.now()
    },
    succeeded () {
      if (sinceMs === undefined) return
      log.warn({ outageMs: Math.round(performance.now() - sinceMs) }, restored)
      sinceMs = undefined
    }
  }
}
