// Generates docs/reference/reasons.md from the table of reasons.

import { OUTCOME_OF_REASON } from '../../launcher/model/job-outcome.ts'
import { TRUNCATIONS } from '../../launcher/model/output-truncated.ts'
import { REASONS, type Reason } from '../../launcher/model/reasons.ts'
import { code, table } from './table.ts'

export function reasonsPage (): string {
  return `# Reasons

<!-- Written by scripts/docs.ts from launcher/model/reasons.ts and launcher/model/output-truncated.ts. -->

The field \`reason\` of a job says why it waits, what it lacks while it runs, or how it ended. The field \`message\` is
a sentence with the facts of the job. The codes are permanent. The last column has the
[\`outcome\`](../guide/statuses-and-outcomes.md#outcomes) of a job that ended for the reason.

${table(
    ['reason', 'meaning', 'outcome'],
    Object.entries(REASONS).map(([name, sentence]) => [code(name), sentence, outcomeText(name as Reason)])
  )}

## Missing output

The field \`outputTruncated\` of a job is present only if its output is known to be incomplete, or if the end of its
output could not be read. Its \`reason\` is one of these codes, its \`message\` the sentence. If there are several
reasons, it has the first. The field can appear while the job runs, with an event, and stays.

${table(['reason', 'meaning'], Object.entries(TRUNCATIONS).map(([name, sentence]) => [code(name), sentence]))}
`
}

function outcomeText (reason: Reason): string {
  const outcome = OUTCOME_OF_REASON[reason]
  return outcome === 'byExitCode' ? `${code('succeeded')} with exit code 0, else ${code('failed')}` : code(outcome)
}
