// One thing that is wrong in a file, and how a list of them is told.

import { LauncherError, type ErrorCode } from '../errors.ts'

/** `problem` completes the sentence that the place and the key begin: "x.conf line 4: port is not a number". */
export interface Problem {
  /** The file, or what else the text came from, such as `--set`. */
  readonly file?: string
  /** Line of the file, from 1. */
  readonly line?: number
  readonly key?: string
  readonly problem: string
}

/** Where something stands: "x.conf line 4", "x.conf", or empty. */
export function placeOf (place: { readonly file?: string, readonly line?: number }): string {
  if (place.file === undefined) return ''
  return place.line === undefined ? place.file : `${place.file} line ${place.line}`
}

export function problemText (problem: Problem): string {
  const place = placeOf(problem)
  const text = problem.key === undefined ? problem.problem : `${problem.key} ${problem.problem}`
  return place === '' ? text : `${place}: ${text}`
}

/** An error that lists every problem on a line of its own; `details.file` and `details.line` are the first one's. */
export function problemsError (code: ErrorCode, problems: readonly Problem[]): LauncherError {
  const { file, line } = problems[0] ?? {}
  return new LauncherError(code, problems.map(problemText).join('\n'), {
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    problems
  })
}
