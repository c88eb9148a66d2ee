// A problem in a file, and the error for a list of problems.

import { LauncherError, type ErrorCode } from '../errors.ts'

/** `problem` completes a sentence after the place and the key: "x.conf line 4: port is not a number". */
export interface Problem {
  /** The file, or another source of the text, such as `--set`. */
  readonly file?: string
  /** Line of the file, from 1. */
  readonly line?: number
  readonly key?: string
  readonly problem: string
  /** The code of an error for this problem alone. Missing: that of the list. */
  readonly code?: ErrorCode
}

/** Returns a place in words: "x.conf line 4", "x.conf" or an empty text. */
export function placeOf (place: { readonly file?: string, readonly line?: number }): string {
  if (place.file === undefined) return ''
  return place.line === undefined ? place.file : `${place.file} line ${place.line}`
}

export function problemText (problem: Problem): string {
  const place = placeOf(problem)
  const text = problem.key === undefined ? problem.problem : `${problem.key} ${problem.problem}`
  return place === '' ? text : `${place}: ${text}`
}

/**
 * Returns an error with one line per problem. `details.file` and `details.line` are those of the first problem. The
 * code is that of the problems if all have the same one, and `code` otherwise.
 */
export function problemsError (code: ErrorCode, problems: readonly Problem[]): LauncherError {
  const { file, line, code: ofFirst } = problems[0] ?? {}
  const ofAll = problems.every(problem => problem.code === ofFirst) ? ofFirst : undefined
  return new LauncherError(ofAll ?? code, problems.map(problemText).join('\n'), {
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    problems
  })
}
