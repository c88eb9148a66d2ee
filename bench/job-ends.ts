// Waits for jobs by one event stream, however many there are.

import type { ClientJob, LauncherClient } from '../launcher/client/client.ts'

export interface JobEnds {
  /** Resolves when the job was told to be so. */
  of (id: string): Promise<void>
  stop (): Promise<void>
}

/** `told` says which job is what is waited for; one that has ended when it is left out. */
export function jobEnds (
  client: LauncherClient,
  told: (job: ClientJob) => boolean = ({ endTime }) => endTime !== undefined
): JobEnds {
  const over = new Set<string>()
  const waiting = new Map<string, () => void>()
  const stop = new AbortController()
  const watching = (async () => {
    for await (const job of client.events({ signal: stop.signal })) {
      if (!told(job)) continue
      over.add(job.id)
      waiting.get(job.id)?.()
    }
  })().catch(error => { if (!stop.signal.aborted) throw error })
  return {
    of: id => new Promise<void>(resolve => over.has(id) ? resolve() : waiting.set(id, resolve)),
    async stop () {
      stop.abort()
      await watching
    }
  }
}
