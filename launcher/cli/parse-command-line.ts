// Parses the options of one command. Errors name the wrong argument and suggest an option.

import { parseArgs } from 'node:util'
import { LauncherError } from '../errors.ts'
import { suggest } from '../lib/closest-match.ts'
import type { Command, CommandContext } from './command.ts'

type Parsed = Pick<CommandContext, 'values' | 'positionals'> & { readonly help: boolean }

/** `args` are the arguments after the command's name. Throws UsageError. */
export function parseCommandLine (command: Command, args: readonly string[]): Parsed {
  const options = { ...optionsOf(command), help: { type: 'boolean' as const } }
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true
  })
  const given = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? command.options[token.name] ?? options.help : undefined
    if (option === undefined) throw unknownOption(command, token.rawName)
    if (option.type === 'boolean' && token.value !== undefined) throw usage(command, `${token.rawName} takes no value`)
    if (option.type === 'string' && !isValue(token.value, token.inlineValue)) {
      throw usage(command, `${token.rawName} needs a value`)
    }
    if (!('multiple' in option && option.multiple === true) && given.has(token.name)) {
      throw usage(command, `${token.rawName} is given twice`)
    }
    given.add(token.name)
  }
  const { help, ...own } = values
  return { values: own as CommandContext['values'], positionals, help: help === true }
}

function optionsOf (command: Command) {
  return Object.fromEntries(Object.entries(command.options).map(([name, { type, short, multiple }]) =>
    [name, { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) }]))
}

/** In `--name --tag x`, the value of `--name` is missing. `--name=--x` and `-` are values. */
function isValue (value: string | undefined, inline: boolean | undefined): boolean {
  return value !== undefined && (inline === true || value === '-' || !value.startsWith('-'))
}

function unknownOption (command: Command, given: string): LauncherError {
  const suggestion = suggest(given.replace(/^-+/, ''), Object.keys(command.options), name => `--${name}`)
  return usage(command, `there is no option ${given}${suggestion}`)
}

function usage (command: Command, problem: string): LauncherError {
  return new LauncherError('UsageError', `${command.name}: ${problem}`)
}
