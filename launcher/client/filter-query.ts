// Converts a job filter to the query of a call.

import type { JobFilter } from './replies.ts'

/** Returns the query of a filter. Repeats tags, and separates other values with commas. */
export function filterQuery (filter: JobFilter = {}): Record<string, string | readonly string[] | undefined> {
  const { status, outcome, reason, exitCode, name, tag, user, cluster, array, since, until, idempotencyKey } = filter
  return {
    status: commas(status),
    outcome: commas(outcome),
    reason: commas(reason),
    exitCode: commas(exitCode),
    name: commas(name),
    tag: tag?.length === 0 ? undefined : tag,
    user,
    cluster,
    array,
    since,
    until,
    ...(idempotencyKey !== undefined && { idempotencyKey })
  }
}

function commas (values: ReadonlyArray<string | number> | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(',')
}
