// A job that proves that its program ran once and that no output is lost: the program appends a line to a file of its
// node, which outlives the pod, and prints numbered lines.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type tap from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'

type Mount = NonNullable<JobSubmission['mounts']>[number]

const LINES = 100
const RUNS = '/runs'
const GO = 'go'
/** The first command of a program that records its run. */
export const addRun = `echo run >> ${RUNS}/$JOB_LAUNCHER_JOB_ID; `

/**
 * The program ends with exit code `n % 7`. With `runs` it records its run there. With `waits` it pauses after half of
 * its lines until `go` is called.
 */
export function programOf (n: number, runs?: Runs, waits = false): JobSubmission {
  const recordRun = runs === undefined ? '' : addRun
  const wait = waits ? `[ $i -ne ${LINES / 2} ] || until [ -e ${RUNS}/${GO} ]; do sleep 1; done; ` : ''
  return {
    name: `job ${n}`,
    command: `${recordRun}i=0; while [ $i -lt ${LINES} ]; do echo "line $i of ${n}"; i=$((i + 1)); ${wait}done; exit ` +
      `${n % 7}`,
    container: { image: 'localhost/busybox:1' },
    ...(runs !== undefined && { mounts: [runs.mount] })
  }
}

export function numberedLines (n: number): string {
  return Array.from({ length: LINES }, (_, i) => `line ${i} of ${n}\n`).join('')
}

export interface Runs {
  readonly mount: Mount
  /** Number of starts of each job's program. */
  counts (ids: readonly string[]): number[]
  /** Lets all waiting programs continue. */
  go (): void
}

/** The folder in which the programs record their runs. It is on this machine, which must be the node. */
export function runsOn (t: Pick<typeof tap, 'teardown'>): Runs {
  const folder = mkdtempSync(join(tmpdir(), 'jl-runs-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return {
    go () { writeFileSync(join(folder, GO), '') },
    mount: { type: 'host', source: { path: folder }, mountPath: RUNS },
    counts: ids => ids.map(id => {
      try {
        return readFileSync(join(folder, id), 'utf8').split('\n').length - 1
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    })
  }
}
