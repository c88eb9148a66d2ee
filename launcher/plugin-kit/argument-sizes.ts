// The texts that a submission passes to its program. The kernel limits the size of each.

import type { JobSubmission } from '../plugin.ts'

/** The kernel's limit for one argument or variable, including its final NUL. */
export const MAX_TEXT_BYTES = 131_072

/** Returns the command, arguments and variables, each with its field. A variable's text is its name and its value. */
export function programTexts ({
  command,
  exe,
  args = [],
  environment = [],
  secrets = []
}: JobSubmission): ReadonlyArray<readonly [field: string, text: string]> {
  return [
    ...(command === undefined ? [] : [['command', command] as const]),
    ...(exe === undefined ? [] : [['exe', exe] as const]),
    ...args.map((text, index) => [`args[${index}]`, text] as const),
    ...environment.map(({ name, value }, index) => [`environment[${index}]`, name + value] as const),
    ...secrets.map(({ name, value }, index) => [`secrets[${index}]`, name + value] as const)
  ]
}
