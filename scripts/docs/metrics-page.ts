// Writes docs/reference/metrics.md from the launcher's own metrics.

import type { Metrics } from '../../launcher/metrics.ts'
import { code, table } from './table.ts'

export function metricsPage (own: Metrics['own']): string {
  return `# Metrics

<!-- Written by scripts/docs.ts from launcher/metrics.ts. -->

\`GET /metrics\` gives them in the Prometheus text format. Times are in seconds.

${table(['metric', 'what it counts'], own.map(({ name, help }) => [code(name), help]))}

Beside them are the usual metrics of a Node process (\`process_…\` and \`nodejs_…\`: CPU, memory, open files, garbage
collection); \`nodejs_eventloop_lag_p99_seconds\` shows how long the launcher could not answer. The event loop is
watched from the first reading of the metrics on.
`
}
