// The table of the numbers of jobs.

import type { ClientJobSummary } from '../client/client.ts'
import type { Column } from './table.ts'

interface SummaryRow {
  readonly by: string
  readonly value: string
  readonly count: number
}

export const SUMMARY_COLUMNS: ReadonlyArray<Column<SummaryRow>> = [
  { title: 'BY', value: ({ by }) => by },
  { title: 'VALUE', value: ({ value }) => value, shrinkTo: 8 },
  { title: 'JOBS', value: ({ count }) => String(count) }
]

/** Returns the total, then a row for each value that a job has. */
export function summaryRows ({ count, byStatus, byOutcome, byUser, byCluster }: ClientJobSummary): SummaryRow[] {
  const rowsOf = (by: string, counts: Readonly<Record<string, number>>): SummaryRow[] =>
    Object.entries(counts).filter(([, count]) => count > 0).map(([value, count]) => ({ by, value, count }))
  return [
    { by: 'all', value: '', count },
    ...rowsOf('status', byStatus),
    ...rowsOf('outcome', byOutcome),
    ...rowsOf('user', byUser),
    ...rowsOf('cluster', byCluster)
  ]
}
