// Finds what the demo's programs run on: Python and R where they are, Node in Python's stead where it is not.

import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export interface Interpreters {
  readonly node: string
  /** A Python 3 that can make virtual environments. */
  readonly python: string | undefined
  readonly rscript: string | undefined
  /** One sentence for each part of the demo that is left out or done otherwise. */
  readonly skipped: readonly string[]
}

export async function findInterpreters (): Promise<Interpreters> {
  const skipped: string[] = []
  let python = await onPath('python3')
  if (python === undefined) {
    skipped.push('python3 is not installed: its parts are done in Node.')
  } else if (!await works(python, ['-c', 'import sys, venv, http.server; sys.exit(sys.version_info < (3, 7))'])) {
    skipped.push(`${python} cannot make virtual environments: its parts are done in Node.`)
    python = undefined
  }
  const rscript = await onPath('Rscript')
  if (rscript === undefined) skipped.push('R is not installed: there is no R job.')
  return { node: process.execPath, python, rscript, skipped }
}

async function onPath (program: string): Promise<string | undefined> {
  const candidates = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, program))
  return candidates.find(isExecutable)
}

function isExecutable (file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function works (program: string, args: string[]): Promise<boolean> {
  return await promisify(execFile)(program, args).then(() => true, () => false)
}
