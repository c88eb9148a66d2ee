// Reads the changes of jobs as they happen, without gaps if the launcher restarts.

import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import { filterQuery } from './filter-query.ts'
import type { ClientJob, JobFilter, RemovedJob } from './replies.ts'
import { resuming } from './resuming.ts'
import { serverSentEvents } from './server-sent-events.ts'

export interface EventOptions {
  /** A single job, whose events end after its final status. By default all jobs, without an end. */
  readonly id?: string | undefined
  /** Only jobs that match it when they change. Not used with `id`. */
  readonly filter?: JobFilter | undefined
  /** Id of the last event received, or `lastEventId` of a list. By default, the present state comes first. */
  readonly after?: string | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * Called with false if jobs of an earlier launcher may be missing at the beginning, and with true after their events.
   * Not called with `id`, or if none may be missing.
   */
  readonly complete?: ((complete: boolean) => void) | undefined
  /**
   * Called when nothing that came before counts any more: forget every job. The present state follows. It happens when
   * the database was lost or replaced, and when the reader was away for more than a day.
   */
  readonly reset?: (() => unknown) | undefined
  /** Called when a job is to be forgotten. It can be one that never came. With `id`, the events end with it. */
  readonly removed?: ((removed: RemovedJob) => unknown) | undefined
  /** Called with the id of each event that was taken, to keep it as `after` for another time. */
  readonly taken?: ((eventId: string) => void) | undefined
}

export function readEvents (connection: Connection, options: EventOptions): AsyncGenerator<ClientJob, void> {
  const { id, filter, signal } = options
  const path = id === undefined ? '/v1/jobs/events' : `/v1/jobs/${encodeURIComponent(id)}/events`
  const query = id === undefined ? filterQuery(filter) : {}
  let last = options.after
  return resuming(async function * (opened) {
    const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
    let nothingFollows = false
    const answered = (status: number): void => {
      nothingFollows = status === 204
      opened()
    }
    for await (const { event, data, id: eventId } of serverSentEvents(
      connection.stream({ path, query, headers, signal }, answered)
    )) {
      if (event === 'adoption') options.complete?.((JSON.parse(data) as { complete: boolean }).complete)
      if (event === 'reset') await options.reset?.()
      if (event !== 'job' && event !== 'removed') continue
      last = eventId
      if (event === 'removed') await options.removed?.(JSON.parse(data) as RemovedJob)
      const job = event === 'job' ? JSON.parse(data) as ClientJob : undefined
      if (job !== undefined) yield job
      options.taken?.(eventId)
      if (id !== undefined && (job === undefined || isEnded(job.status))) return true
    }
    return nothingFollows
  }, signal)
}
