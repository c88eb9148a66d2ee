// The variables that a launcher adds to the environment of each job, and the references to them in a submission.

import { arrayVariables, type JobArray } from './job-array.ts'
import type { JobSubmission } from './job.ts'

export interface KnownAtStart {
  readonly id: string
  readonly array?: JobArray
  /** The number of each exposed port, in order. */
  readonly ports: readonly number[]
}

/** Returns the variables by name. A job cannot set another value for them. */
export function launcherVariables ({ id, array, ports }: KnownAtStart): Map<string, string> {
  return new Map([
    ...ports.slice(0, 1).map(port => ['JOB_PORT', String(port)] as const),
    ...ports.map((port, index) => [`JOB_PORT_${index}`, String(port)] as const),
    ...arrayVariables(array),
    ['JOB_LAUNCHER_JOB_ID', id]
  ])
}

/** Every name that a launcher gives a variable of some job. */
const OWN_NAME = /^JOB_(PORT(_\d+)?|ARRAY_(ID|INDEX|COUNT)|LAUNCHER_JOB_ID)$/

/**
 * Returns the submission with the values in place of the references `$(NAME)` in `args` and `environment`. As in a pod,
 * `$$(NAME)` is the text `$(NAME)`, also if the job has no such variable. Text with any other name stays as it is, and
 * so does any other `$`.
 */
export function withReferences (submission: JobSubmission, variables: ReadonlyMap<string, string>): JobSubmission {
  const { args, environment } = submission
  const replaced = (text: string): string =>
    text.replace(/(\$?)\$\((\w+)\)/g, (reference, escape: string, name: string) => {
      if (!OWN_NAME.test(name)) return reference
      return escape === '' ? variables.get(name) ?? reference : `$(${name})`
    })
  return {
    ...submission,
    ...(args && { args: args.map(replaced) }),
    ...(environment && { environment: environment.map(({ name, value }) => ({ name, value: replaced(value) })) })
  }
}
