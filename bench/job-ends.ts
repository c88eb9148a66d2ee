// Waits for any number of jobs with one event stream.

import type { ClientJob, LauncherClient } from '../launcher/client/client.ts'

export interface JobEnds {
  /** Resolves once the event stream has reported the job. */
  of (id: string): Promise<void>
  stop (): Promise<void>
}

/** `isDone` selects the awaited state; by default the end of the job. */
export function jobEnds (
  client: LauncherClient,
  isDone: (job: ClientJob) => boolean = ({ endTime }) => endTime !== undefined
): JobEnds {
  const done = new Set<string>()
  const waiting = new Map<string, () => void>()
  const stop = new AbortController()
  const watching = (async () => {
    for await (const job of client.events({ signal: stop.signal })) {
      if (!isDone(job)) continue
      done.add(job.id)
      waiting.get(job.id)?.()
    }
  })().catch(error => { if (!stop.signal.aborted) throw error })
  return {
    of: id => new Promise<void>(resolve => done.has(id) ? resolve() : waiting.set(id, resolve)),
    async stop () {
      stop.abort()
      await watching
    }
  }
}
