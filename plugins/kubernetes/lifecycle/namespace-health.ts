// Checks whether the namespace of the jobs exists. A watch does not show it: for a namespace that does not exist, the
// API server lists nothing and reports no error.

import type { Logger } from 'pino'
import { singleFlight } from '../../../launcher/lib/single-flight.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { createOutageLog } from '../client/outage-log.ts'

export interface NamespaceHealth {
  /** Checks now, and then repeatedly for as long as there is a problem. Never rejects. */
  check (): Promise<void>
  /** Checks, unless a check has just ended. Never rejects. */
  refresh (): Promise<void>
  /** The problem that the last check found, and what to do about it. */
  problem (): string | undefined
  /** Whether a check found that the namespace does not exist, or is being deleted, and none has found it since. */
  isGone (): boolean
  /** The uid of the namespace, if a check could read it. */
  uid (): string | undefined
  close (): void
}

export interface NamespaceHealthOptions {
  /** Asks the API server. */
  readonly checkNamespace: () => Promise<Finding>
  readonly log: Logger
  /** Milliseconds between two checks while there is a problem. Defaults to 5000. */
  readonly intervalMs?: number
}

const INTERVAL_MS = 5000

export function createNamespaceHealth (
  { checkNamespace, log, intervalMs = INTERVAL_MS }: NamespaceHealthOptions
): NamespaceHealth {
  let problem: string | undefined
  let gone = false
  let uid: string | undefined
  let timer: NodeJS.Timeout | undefined
  let unusableSince: number | undefined
  let checkedAt = -Infinity
  let closed = false
  const outage = createOutageLog(log, { failed: 'namespace check failed', restored: 'namespace check restored' })
  const { run: check } = singleFlight(async () => {
    clearTimeout(timer)
    const before = problem
    try {
      const { state, message, help = '', jobPlaceId } = await checkNamespace()
      uid = jobPlaceId
      // The launcher's rights are deleted with the namespace.
      gone = state === 'missing' || (gone && state !== 'ok')
      problem = state === 'ok' ? undefined : `${message} ${help}`.trim()
      if (!closed) outage.succeeded()
    } catch (err) {
      if (!closed) outage.failed(err)
    }
    checkedAt = performance.now()
    if (closed) return
    if (problem !== before) logChange()
    if (problem !== undefined) timer = setTimeout(check, intervalMs).unref()
  })

  function logChange (): void {
    if (problem !== undefined) {
      unusableSince ??= performance.now()
      log.warn({ problem }, 'namespace unusable')
    } else if (unusableSince !== undefined) {
      log.warn({ outageMs: Math.round(performance.now() - unusableSince) }, 'namespace restored')
      unusableSince = undefined
    }
  }

  return {
    check,
    async refresh () { if (performance.now() >= checkedAt + intervalMs) await check() },
    problem: () => problem,
    isGone: () => gone,
    uid: () => uid,
    close () {
      closed = true
      clearTimeout(timer)
    }
  }
}
