// Converts the values of options and positional arguments to the type that a command needs.

import { LauncherError } from '../errors.ts'
import { parseDuration } from '../lib/duration.ts'
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
  if (!/^\d{1,15}$/.test(text)) throw new LauncherError('UsageError', `--${name} ${text}: must be a whole number`)
  return Number(text)
}

/** The launcher checks the range. */
export function optionalPriority (values: Values): number | undefined {
  const text = optionalText(values, 'priority')
  if (text === undefined) return undefined
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new LauncherError('UsageError', `--priority ${text}: must be a whole number`)
  return Number(text)
}

/** Returns whole seconds, at least one. */
export function optionalSeconds (values: Values, name: string): number | undefined {
  const text = optionalText(values, name)
  if (text === undefined) return undefined
  const seconds = (parseDuration(text) ?? 0) / 1000
  if (Number.isInteger(seconds) && seconds > 0) return seconds
  throw new LauncherError(
    'UsageError', `--${name} ${text}: must be a duration of whole seconds such as 90s, 15m or 2h, and not 0`
  )
}

/** Returns exactly the arguments that `names` lists. Throws UsageError if there are fewer or more. */
export function positionalArguments (context: CommandContext, ...names: string[]): string[] {
  const { positionals } = context
  if (positionals.length < names.length) {
    throw new LauncherError('UsageError', `${names[positionals.length]} is missing`)
  }
  if (positionals.length > names.length) {
    throw new LauncherError('UsageError', `unexpected argument ${JSON.stringify(positionals[names.length])}`)
  }
  return [...positionals]
}
