// The outcome of a job whose program is there, and its interpreter is not. Pure.

import type { Outcome } from '../plugin.ts'

/** `firstLine` is that of a script, or empty for any other program. `where` says where programs are looked for. */
export function interpreterNotFound (exe: string, firstLine: string, where: string): Outcome {
  return { status: 'Failed', reason: 'InterpreterNotFound', message: whyNotFound(exe, firstLine, where) }
}

function whyNotFound (exe: string, firstLine: string, where: string): string {
  if (firstLine === '') return `The interpreter or dynamic loader that the program ${exe} needs is not ${where}.`
  if (/\r(?:\s|$)/.test(firstLine)) {
    return `The first line of the program ${exe}, ${JSON.stringify(firstLine)}, ends with a carriage return, which ` +
      'becomes part of the name of the interpreter. Save the file with the line ends of Unix (LF).'
  }
  return `The interpreter in the first line of the program ${exe}, ${JSON.stringify(firstLine)}, or the one that it ` +
    'needs itself, does not exist or cannot be executed.'
}
