// Generates docs/reference/reasons.md from the table of reasons.

import { REASONS } from '../../launcher/model/reasons.ts'
import { code, table } from './table.ts'

export function reasonsPage (): string {
  return `# Reasons

<!-- Written by scripts/docs.ts from launcher/model/reasons.ts. -->

The field \`reason\` of a job says why it waits, what it lacks while it runs, or how it ended. The field \`message\` is
a sentence with the facts of the job. The codes are permanent.

${table(['reason', 'meaning'], Object.entries(REASONS).map(([name, sentence]) => [code(name), sentence]))}
`
}
