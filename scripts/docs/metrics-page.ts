// Generates docs/reference/metrics.md from the launcher's own metrics.

import type { Metrics } from '../../launcher/metrics.ts'
import { code, table } from './table.ts'

export function metricsPage (own: Metrics['own']): string {
  return `# Metrics

<!-- Written by scripts/docs.ts from launcher/metrics.ts. -->

\`GET /metrics\` returns them in the Prometheus text format. Times are in seconds.

${table(['metric', 'meaning'], own.map(({ name, help }) => [code(name), help]))}

The reply also has the usual metrics of a Node process (\`process_…\` and \`nodejs_…\`: CPU, memory, open files,
garbage collection). \`nodejs_eventloop_lag_p99_seconds\` shows how long the launcher could not answer. The event loop
is measured only after the first reading of the metrics.
`
}
