// Builds the help texts from the commands' own data.

import type { Command, Option } from './command.ts'

const EXIT_CODES = `Exit codes
  0    success
  1    render --check: a file would change; doctor: something is missing
  64   the command line is invalid
  65   the request is invalid, or the job that it names
  69   no launcher answers, or a required cluster cannot be reached
  70   internal error of the launcher
  73   the scratch path is in use
  74   a disk is full: try again later
  75   try again later
  77   not allowed
  78   the configuration is invalid
  run exits with the exit code of its job: 125 if the program never ran, 137 if it was killed without an exit code.
`

/** Returns the text of `job-launcher help`. */
export function overviewHelp (commands: readonly Command[]): string {
  const rows = [
    ...commands,
    { name: 'help', summary: 'Show the options of a command' },
    { name: 'version', summary: 'Print the version' }
  ]
  return (
    'Usage: job-launcher COMMAND ' +
    `[OPTION…]\n\nCommands\n${inColumns(rows.map(({ name, summary }) => [name, summary]))}\n` +
    `job-launcher COMMAND --help shows the options of a command.\n\n${EXIT_CODES}`
  )
}

/** Returns the text of `job-launcher help NAME`. */
export function commandHelp ({ name, summary, usage, options }: Command): string {
  const rows = [
    ...Object.entries(options).map(
      ([option, definition]) => [optionWords(option, definition), definition.help] as const
    ),
    ['--help', 'Show this help'] as const
  ]
  return `Usage: job-launcher ${name} ${usage}\n${summary}.\n\nOptions\n${inColumns(rows)}`
}

function optionWords (name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

function inColumns (rows: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
