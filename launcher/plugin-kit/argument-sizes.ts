// What a submission hands to its program: the texts that the kernel takes only up to a bound.

import type { JobSubmission } from '../plugin.ts'

/** The kernel's bound for one argument or variable, its final NUL included. */
export const MAX_TEXT_BYTES = 131_072

/** The command, arguments and variables with the field of each; a variable's text is its name and its value. */
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
