// Polls the health of a launcher and reports changes.

import { setTimeout as delay } from 'node:timers/promises'
import { createClient, type Readiness } from '../client/client.ts'
import { isLauncherError } from '../errors.ts'

export interface HealthOptions {
  readonly address: string
  readonly intervalMs: number
  /** Milliseconds after which a check counts as unanswered. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called when the launcher reports that it is not ready, with the reason, or does not answer. */
  readonly unhealthy: (message: string) => void
  /** Called when an unhealthy launcher is ready again. */
  readonly healthy: () => void
  /** Called once if the launcher has not answered for so long that only a restart can help. */
  readonly hung: () => void
}

/** Consecutive unanswered checks until a launcher counts as unhealthy, and as hung. */
const UNANSWERED_UNHEALTHY = 3
const UNANSWERED_HUNG = 12

/** Runs until `signal` is aborted or the launcher hangs. Never rejects. */
export async function watchHealth (options: HealthOptions): Promise<void> {
  const { address, intervalMs, timeoutMs, signal } = options
  const client = createClient({ address })
  let unanswered = 0
  let isHealthy = true
  try {
    while (unanswered < UNANSWERED_HUNG) {
      await delay(intervalMs, undefined, { signal, ref: false })
      const failure = await check(() => client.readiness(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])))
      if (signal.aborted) return
      unanswered = failure?.answered === false ? unanswered + 1 : 0
      if (failure === undefined) {
        if (!isHealthy) options.healthy()
        isHealthy = true
      } else if (isHealthy && (failure.answered || unanswered >= UNANSWERED_UNHEALTHY)) {
        options.unhealthy(failure.message)
        isHealthy = false
      }
    }
    options.hung()
  } catch {
    // The signal aborted the delay.
  } finally {
    await client.close()
  }
}

interface Failure {
  readonly answered: boolean
  readonly message: string
}

async function check (readReadiness: () => Promise<Readiness>): Promise<Failure | undefined> {
  try {
    const readiness = await readReadiness()
    return readiness.ready ? undefined : { answered: true, message: whyNotReady(readiness) }
  } catch (error) {
    return { answered: false, message: isLauncherError(error) ? error.message : 'the launcher does not answer' }
  }
}

/** The launcher may be older than this package, and not report its disk. */
function whyNotReady ({ clusters, disk }: Omit<Readiness, 'disk'> & Partial<Readiness>): string {
  const problems = [
    ...(disk?.message === undefined ? [] : [disk.message.replace(/\.$/, '')]),
    ...clusters.filter(({ ready }) => !ready).map(({ name, message }) => `cluster ${name}: ${message ?? 'not ready'}`)
  ]
  return problems.length === 0 ? 'the jobs of an earlier launcher are being adopted' : problems.join('; ')
}
