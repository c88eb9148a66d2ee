// Writes docs/reference/errors.md from the registry of errors.

import { ERRORS } from '../../launcher/errors.ts'
import { code, table } from './table.ts'

export function errorsPage (): string {
  return `# Errors

<!-- Written by scripts/docs.ts from launcher/errors.ts. -->

Every failure has a permanent code. Over HTTP it comes as problem details (RFC 9457, \`application/problem+json\`) with
\`type\`, \`title\`, \`status\`, \`code\`, \`detail\` (what is wrong, and where), \`help\` (what to do) and facts
of its own such as \`field\`. A command that ends with it prints \`detail\` and \`help\` to standard error and has the
exit code of the table (sysexits).

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

None. A code that is no longer used is listed here and never used again.
`
}
