// Tells whether the namespace of the jobs is there. A watch cannot: the API server lists nothing where there is none,
// and says that all is well.

import type { Logger } from 'pino'
import type { Finding } from '../../../launcher/plugin.ts'

export interface NamespaceHealth {
  /** Looks, and from then on again and again for as long as something is wrong. Never rejects. */
  check (): Promise<void>
  /** What is wrong with it, and what to do, as it was last seen. */
  trouble (): string | undefined
  close (): void
}

export interface NamespaceHealthOptions {
  /** Asks the API server. */
  readonly look: () => Promise<Finding>
  readonly log: Logger
  /** Milliseconds between two looks at one that is not there; 5000 when it is left out. */
  readonly againMs?: number
}

const AGAIN_MS = 5000

export function createNamespaceHealth ({ look, log, againMs = AGAIN_MS }: NamespaceHealthOptions): NamespaceHealth {
  let trouble: string | undefined
  let underWay: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function lookNow (): Promise<void> {
    clearTimeout(timer)
    const before = trouble
    try {
      const { state, message, help = '' } = await look()
      trouble = state === 'ok' ? undefined : `${message} ${help}`.trim()
    } catch (err) {
      if (!closed) log.warn({ err }, 'the namespace of the jobs could not be looked at')
    }
    if (closed) return
    if (trouble !== before) {
      log.warn(
        { trouble },
        trouble === undefined
          ? 'the namespace of the jobs can be used again'
          : 'the namespace of the jobs cannot be used'
      )
    }
    if (trouble !== undefined) timer = setTimeout(check, againMs).unref()
  }

  function check (): Promise<void> {
    underWay ??= lookNow().finally(() => { underWay = undefined })
    return underWay
  }

  return {
    check,
    trouble: () => trouble,
    close () {
      closed = true
      clearTimeout(timer)
    }
  }
}
