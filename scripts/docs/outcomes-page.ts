// Generates docs/reference/outcomes.md from the table of outcomes that the unit tests run.

import { evaluate } from '../../plugins/kubernetes/state/evaluate.ts'
import { snapshotOf } from '../../test/plugins/kubernetes/sample-views.ts'
import { OUTCOME_GROUPS } from '../../test/plugins/kubernetes/state/outcome-table.ts'
import type { OutcomeRow } from '../../test/plugins/kubernetes/state/outcome-fixtures.ts'
import { code, table } from './table.ts'

const COLUMNS = ['what happened', 'status', 'reason', 'exit code', 'message']

export function outcomesPage (): string {
  return `# How a job ends on Kubernetes

<!-- Written by scripts/docs.ts from test/plugins/kubernetes/state/outcome-table.ts. -->

Each row is a case of the launcher's tests: what the cluster shows, and the outcome of the job. The messages have the
names and figures of the case, and \`words\` stands for the words of the cluster.
[Statuses and outcomes](../guide/statuses-and-outcomes.md) explains the statuses, [Reasons](reasons.md) the reasons.
An outcome is written once: what is observed later does not change it.

Some jobs end without a pod: \`StartFailed\` if the cluster refuses the Job, its Secret or its Service for good, and
\`StartTimeout\` (or \`RefusedByCluster\`) after \`startTimeoutSeconds\`. The launcher decides these outcomes itself.

${OUTCOME_GROUPS.map(([title, rows]) => `## ${title}\n\n${table(COLUMNS, rows.map(cells))}\n`).join('\n')}`
}

function cells ([name, changes]: OutcomeRow): string[] {
  const { observation } = evaluate(snapshotOf(changes))
  if (observation.state !== 'ended') throw new Error(`the case "${name}" does not end`)
  const { status, reason, exitCode, message } = observation.outcome
  return [name, code(status), code(reason), exitCode === undefined ? 'none' : String(exitCode), message]
}
