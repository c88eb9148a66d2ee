// Runs the subcommand that the command line names, and prints its error.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError, LauncherError, systemCode } from '../errors.ts'
import { suggest } from '../lib/closest-match.ts'
import type { Command, CommandContext } from './command.ts'
import { COMMANDS } from './commands.ts'
import { commandHelp, overviewHelp } from './help.ts'
import { parseCommandLine } from './parse-command-line.ts'
import { escapeControls } from './plain-text.ts'
import { packageVersion } from './version.ts'
import { write } from './write.ts'

/** The parts of the process that the commands use. */
export type Io = Omit<CommandContext, 'values' | 'positionals'>

const SOFTWARE = 70

/** Time limit for printing an error, if standard error has no reader. */
const ERROR_TEXT_MS = 1000

/** `argv` has only the arguments. Resolves with the exit code. Never rejects. */
export async function dispatch (argv: readonly string[], io: Io): Promise<number> {
  const readerGone = new Set<NodeJS.WritableStream>()
  for (const stream of [io.stdout, io.stderr]) {
    stream.on('error', error => { if (systemCode(error) === 'EPIPE') readerGone.add(stream) })
  }
  try {
    return await runCommand(argv, io)
  } catch (error) {
    if (systemCode(error) === 'EPIPE' && readerGone.size > 0) return 0
    const shown = write(io.stderr, describe(error)).catch(() => {})
    await Promise.race([shown, delay(ERROR_TEXT_MS, undefined, { ref: false })])
    return isLauncherError(error) ? error.kind.exit : SOFTWARE
  }
}

async function runCommand ([name, ...args]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) {
    await write(io.stderr, overviewHelp(COMMANDS))
    return new LauncherError('UsageError', '').kind.exit
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    await write(io.stdout, args[0] === undefined ? overviewHelp(COMMANDS) : commandHelp(findCommand(args[0])))
    return 0
  }
  if (name === 'version' || name === '--version') {
    await write(io.stdout, `${packageVersion()}\n`)
    return 0
  }
  const command = findCommand(name)
  const { help, ...parsed } = parseCommandLine(command, args)
  if (help) {
    await write(io.stdout, commandHelp(command))
    return 0
  }
  return await command.run({ ...io, ...parsed })
}

function findCommand (name: string): Command {
  const found = COMMANDS.find(command => command.name === name)
  if (found !== undefined) return found
  const names = [...COMMANDS.map(command => command.name), 'help', 'version']
  throw new LauncherError('UsageError', `there is no command ${JSON.stringify(name)}${suggest(name, names)}`)
}

function describe (error: unknown): string {
  if (isLauncherError(error)) {
    return `job-launcher: ${error.message.split('\n').map(escapeControls).join('\n')}\n${error.help}\n`
  }
  return `job-launcher: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
}
