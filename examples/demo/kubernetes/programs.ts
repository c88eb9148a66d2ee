// The jobs of the demo in containers: the same kinds of programs, written for the tools of any busybox image.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobSubmission } from '../../../launcher/client/client.ts'

const CSV = join(import.meta.dirname, '../../data/seattle-weather-hourly-normals.csv')
const APP_PROCESSES = 3
/** No registry has this name: the top-level domain is reserved for such uses. */
const NO_IMAGE = 'registry.invalid/no-such-image:1'

/** Value of the report's secret. Only the job may show it. */
export const SECRET = 'correct-horse-battery-staple'

export interface ContainerPrograms {
  readonly report: JobSubmission
  readonly apps: readonly JobSubmission[]
  /** Fetches a page from each address. */
  readonly visitor: (urls: readonly string[]) => JobSubmission
  readonly exitsWith3: JobSubmission
  readonly noImage: JobSubmission
  readonly stopped: JobSubmission
  /** Writes numbered lines until it is stopped. */
  readonly survivor: JobSubmission
}

/** A program that handles no SIGTERM needs it: as process 1 of its container it would use up its grace. */
const ENDS_AT_SIGTERM = "trap 'exit 0' TERM"

/** Retries each page for 30 seconds. */
const FETCH_ALL = `for url; do
  n=0
  until wget -q -O - "$url" 2>/dev/null; do n=$((n + 1)); [ $n -lt 60 ] || exit 1; sleep 0.5; done
done`

export async function containerPrograms (image: string): Promise<ContainerPrograms> {
  const container = { image }
  return {
    report: {
      name: 'report',
      user: 'ada',
      container,
      stdin: await readFile(CSV, 'utf8'),
      secrets: [{ name: 'API_KEY', value: SECRET }],
      resourceLimits: [{ type: 'memory', value: 64 }, { type: 'cpuCount', value: 0.5 }],
      command: `awk -F, 'NR > 1 { month = substr($1, 6, 2); sum[month] += $3; rows[month]++ }
        END {
          for (i = 1; i <= 12; i++) {
            month = sprintf("%02d", i)
            printf "month %s: mean %.1f °C\\n", month, sum[month] / rows[month]
          }
          printf "made from %d rows, with a key of %d characters\\n", NR - 1, length(ENVIRON["API_KEY"])
        }'`
    },
    apps: Array.from({ length: APP_PROCESSES }, (_, index) => ({
      name: `app ${index + 1}`,
      user: 'grace',
      container,
      command: `${ENDS_AT_SIGTERM}; mkdir /tmp/www
        echo "<title>App</title> made by $JOB_LAUNCHER_JOB_ID" > /tmp/www/index.html
        httpd -f -p "$JOB_PORT" -h /tmp/www & echo "listening on port $JOB_PORT"; wait`,
      exposedPorts: [{ ready: { httpPath: '/' } }],
      tags: ['app']
    })),
    visitor: urls => ({
      name: 'visitor',
      user: 'grace',
      container,
      exe: 'sh',
      args: ['-c', FETCH_ALL, 'sh', ...urls]
    }),
    exitsWith3: { name: 'exits with 3', container, command: 'echo "this goes wrong" >&2; exit 3' },
    noImage: { name: 'no image', container: { image: NO_IMAGE }, command: 'true' },
    stopped: {
      name: 'stopped',
      container,
      command: `${ENDS_AT_SIGTERM}; echo "waiting to be stopped"; sleep 600 & wait`
    },
    survivor: {
      name: 'survivor',
      container,
      command: `${ENDS_AT_SIGTERM}; i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.5 & wait $!; done`
    }
  }
}
