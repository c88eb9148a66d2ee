// Which variables a shell passes on to the programs that it runs. Pure.

import type { JobSubmission } from '../plugin.ts'

/** Variables that dash, bash or busybox sh sets, or changes as it starts. */
const OF_SHELL =
  /^(?:_|IFS|OPTIND|OPTERR|PPID|PS[124]|(?:OLD)?PWD|SHLVL|LINENO|SHELLOPTS|BASH.*|EPOCH.*|S?RANDOM|POSIXLY_CORRECT)$/
/** Names that a shell can have as a variable. It drops others. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Whether a shell sets the variable itself. */
export function isOfShell (name: string): boolean {
  return OF_SHELL.test(name)
}

/** Whether every shell passes the variable on with the value that it got. */
export function isPassedOn (name: string): boolean {
  return SHELL_NAME.test(name) && !isOfShell(name)
}

/** Returns the first variable of a job whose name is so, with the field of the name. */
export function findVariable (
  submission: Pick<JobSubmission, 'environment' | 'secrets'>, isSo: (name: string) => boolean
): { readonly field: string, readonly name: string } | undefined {
  for (const list of ['environment', 'secrets'] as const) {
    const variables = submission[list] ?? []
    const index = variables.findIndex(({ name }) => isSo(name))
    if (index !== -1) return { field: `${list}[${index}].name`, name: variables[index]!.name }
  }
  return undefined
}
