// The jobs of the demo as a content server would submit them.

import { join } from 'node:path'
import type { JobSubmission } from '../../launcher/client/client.ts'
import type { Interpreters } from './interpreters.ts'

const EXAMPLES = join(import.meta.dirname, '..')
const CSV = join(EXAMPLES, 'data/seattle-weather-hourly-normals.csv')
const program = (name: string) => join(EXAMPLES, 'programs', name)

/** How many processes of the app run: what a content server calls "max processes". */
const APP_PROCESSES = 3

export interface Programs {
  readonly environment: JobSubmission
  readonly report: JobSubmission
  readonly apps: readonly JobSubmission[]
  readonly exitsWith3: JobSubmission
  readonly stopped: JobSubmission
  /** Writes lines until the file `go` exists in its folder. */
  readonly survivor: JobSubmission
  readonly r: JobSubmission | undefined
}

/** The programs work in `folder` and leave there what they make. */
export function demoPrograms (folder: string, { node, python, rscript }: Interpreters): Programs {
  const workingDirectory = folder
  const environmentPython = join(folder, 'environment/bin/python')
  return {
    environment: python === undefined
      ? {
          name: 'environment',
          workingDirectory,
          command: 'mkdir -p environment && echo "{}" > environment/package.json && echo "made $PWD/environment"'
        }
      : { name: 'environment', workingDirectory, exe: python, args: ['-m', 'venv', '--without-pip', 'environment'] },
    report: {
      name: 'report',
      workingDirectory,
      ...(python === undefined
        ? { exe: node, args: [program('report.mjs'), CSV, 'report.html'] }
        : { exe: environmentPython, args: [program('report.py'), CSV, 'report.html'] })
    },
    apps: Array.from({ length: APP_PROCESSES }, (_, index) => ({
      name: `app ${index + 1}`,
      workingDirectory,
      ...(python === undefined
        ? { exe: node, args: [program('app.mjs')] }
        : { exe: environmentPython, args: [program('app.py')] }),
      exposedPorts: [{ ready: { httpPath: '/' } }],
      tags: ['app']
    })),
    exitsWith3: { name: 'exits with 3', workingDirectory, command: 'echo "this goes wrong" >&2; exit 3' },
    stopped: { name: 'stopped', workingDirectory, command: 'echo "waiting to be stopped"; exec sleep 600' },
    survivor: {
      name: 'survivor',
      workingDirectory,
      command: 'i=0; while [ ! -e go ]; do i=$((i + 1)); echo "still here ($i)"; sleep 0.5; done; echo "done"'
    },
    r: rscript === undefined
      ? undefined
      : { name: 'R summary', workingDirectory, exe: rscript, args: [program('report.R'), CSV] }
  }
}
