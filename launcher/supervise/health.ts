// Asks a launcher again and again whether it is well, and tells when the answer changes.

import { setTimeout as delay } from 'node:timers/promises'
import { createClient, type Readiness } from '../client/client.ts'
import { isLauncherError } from '../errors.ts'

export interface HealthOptions {
  readonly address: string
  readonly everyMs: number
  /** Milliseconds until a check counts as unanswered. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Called when it cannot take jobs (it says why) or does not answer. */
  readonly unhealthy: (message: string) => void
  readonly healthy: () => void
  /** Called once when it has not answered for so long that only a restart can help. */
  readonly hung: () => void
}

/** Unanswered checks in a row until a launcher counts as unhealthy, and as hung. */
const MISSES_UNHEALTHY = 3
const MISSES_HUNG = 12

/** Runs until `signal` is aborted or the launcher hangs. Never rejects. */
export async function watchHealth (options: HealthOptions): Promise<void> {
  const { address, everyMs, deadlineMs, signal } = options
  const client = createClient({ address })
  let misses = 0
  let well = true
  try {
    while (misses < MISSES_HUNG) {
      await delay(everyMs, undefined, { signal, ref: false })
      const trouble = await check(() => client.readiness(AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])))
      if (signal.aborted) return
      misses = trouble?.answered === false ? misses + 1 : 0
      if (trouble === undefined) {
        if (!well) options.healthy()
        well = true
      } else if (well && (trouble.answered || misses >= MISSES_UNHEALTHY)) {
        options.unhealthy(trouble.message)
        well = false
      }
    }
    options.hung()
  } catch {
    // The wait was aborted.
  } finally {
    await client.close()
  }
}

interface Trouble {
  readonly answered: boolean
  readonly message: string
}

async function check (ask: () => Promise<Readiness>): Promise<Trouble | undefined> {
  try {
    const readiness = await ask()
    return readiness.ready ? undefined : { answered: true, message: whyNotReady(readiness) }
  } catch (error) {
    return { answered: false, message: isLauncherError(error) ? error.message : 'the launcher does not answer' }
  }
}

function whyNotReady ({ clusters }: Readiness): string {
  const problems = clusters
    .filter(({ ready }) => !ready)
    .map(({ name, message }) => `cluster ${name}: ${message ?? 'not ready'}`)
  return problems.length === 0 ? 'the jobs of the launcher before it are being taken up' : problems.join('; ')
}
