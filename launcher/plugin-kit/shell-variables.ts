// Which variables a shell passes on to the programs that it runs. Pure.

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
