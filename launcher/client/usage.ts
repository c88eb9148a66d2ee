// Reads what running jobs use, again and again, also after the launcher was restarted.

import type { Connection } from './connection.ts'
import { filterQuery } from './filter-query.ts'
import type { ClientUsage, JobFilter } from './replies.ts'
import { resuming } from './resuming.ts'
import { serverSentEvents } from './server-sent-events.ts'

/** Only running jobs match, so a filter by outcome or exit code matches none. */
export type UsageFilter = Omit<JobFilter, 'idempotencyKey'>

export function readUsage (
  connection: Connection, filter?: UsageFilter, signal?: AbortSignal
): AsyncGenerator<ClientUsage, void> {
  return resuming(async function * (opened) {
    const stream = connection.stream({
      path: '/v1/usage', query: filterQuery(filter), headers: { accept: 'text/event-stream' }, signal
    }, opened)
    for await (const { event, data } of serverSentEvents(stream)) {
      if (event === 'usage') yield JSON.parse(data) as ClientUsage
    }
    return false
  }, signal)
}
