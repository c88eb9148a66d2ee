// Generates docs/reference/errors.md from the registry of errors.

import { ERRORS } from '../../launcher/errors.ts'
import { code, table } from './table.ts'

export function errorsPage (): string {
  return `# Errors

<!-- Written by scripts/docs.ts from launcher/errors.ts. -->

Every failure has a permanent code. The HTTP API returns it as problem details (RFC 9457,
\`application/problem+json\`) with \`type\`, \`title\`, \`status\`, \`code\`, \`detail\` (what is wrong, and where),
\`help\` (what to do) and further fields such as \`field\`. A command that fails with it prints \`detail\` and \`help\`
to standard error and exits with the exit code in the table (sysexits).

${table(
  ['code', 'HTTP status', 'exit code', 'title', 'what to do'],
  Object.entries(ERRORS).map(([name, { status, exit, title, help }]) => [
    code(name),
    String(status),
    String(exit),
    title,
    help
  ])
)}

## Retired codes

None. This section lists retired codes, which are never reused.
`
}
