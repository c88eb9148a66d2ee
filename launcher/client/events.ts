// Reads the changes of jobs as they happen, without gaps if the launcher restarts.

import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import { filterQuery } from './filter-query.ts'
import type { ClientJob, JobFilter } from './replies.ts'
import { resuming } from './resuming.ts'
import { serverSentEvents } from './server-sent-events.ts'

export interface EventOptions {
  /** A single job, whose events end after its final status. By default all jobs, without an end. */
  readonly id?: string | undefined
  /** Only jobs that match it when they change. Not used with `id`. */
  readonly filter?: JobFilter | undefined
  /** Revision of the last event received. By default, the present state comes first. */
  readonly after?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * Called with false if jobs of an earlier launcher may be missing at the beginning, and with true after their events.
   * Not called with `id`, or if none may be missing.
   */
  readonly complete?: ((complete: boolean) => void) | undefined
}

export function readEvents (connection: Connection, options: EventOptions): AsyncGenerator<ClientJob, void> {
  const { id, filter, signal } = options
  const path = id === undefined ? '/v1/jobs/events' : `/v1/jobs/${encodeURIComponent(id)}/events`
  const query = id === undefined ? filterQuery(filter) : {}
  let last = options.after === undefined ? undefined : String(options.after)
  return resuming(async function * (opened) {
    const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
    let nothingFollows = false
    const answered = (status: number): void => {
      nothingFollows = status === 204
      opened()
    }
    for await (const { event, data, id: revision } of serverSentEvents(
      connection.stream({ path, query, headers, signal }, answered)
    )) {
      if (event === 'adoption') options.complete?.((JSON.parse(data) as { complete: boolean }).complete)
      if (event !== 'job') continue
      const job = JSON.parse(data) as ClientJob
      last = revision
      yield job
      if (id !== undefined && isEnded(job.status)) return true
    }
    return nothingFollows
  }, signal)
}
