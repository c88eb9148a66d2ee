// Reads the values of options and positional arguments in the type a command wants.

import { LauncherError } from '../errors.ts'
import type { CommandContext } from './command.ts'

type Values = CommandContext['values']

export function optionalText (values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export function textList (values: Values, name: string): string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function optionalCount (values: Values, name: string): number | undefined {
  const text = optionalText(values, name)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new LauncherError('UsageError', `--${name} ${text}: a whole number is wanted`)
  return Number(text)
}

/** Gives exactly the arguments that `names` lists. */
export function positionalArguments (context: CommandContext, ...names: string[]): string[] {
  const { positionals } = context
  if (positionals.length < names.length) {
    throw new LauncherError('UsageError', `${names[positionals.length]} is missing`)
  }
  if (positionals.length > names.length) {
    throw new LauncherError('UsageError', `${JSON.stringify(positionals[names.length])} is one argument too many`)
  }
  return [...positionals]
}
