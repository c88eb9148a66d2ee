// Converts a job filter to the query of a call.

import type { JobFilter } from './replies.ts'

/** Returns the query of a filter. Repeats tags, and separates statuses with commas. */
export function filterQuery (filter: JobFilter = {}): Record<string, string | readonly string[] | undefined> {
  const { status, tag, user, cluster, since, until, idempotencyKey } = filter
  return {
    status: commas(status),
    tag: tag?.length === 0 ? undefined : tag,
    user,
    cluster,
    since,
    until,
    ...(idempotencyKey !== undefined && { idempotencyKey })
  }
}

function commas (values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(',')
}
