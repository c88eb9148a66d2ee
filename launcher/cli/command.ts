// What a subcommand is: data that help texts and the parsing of its options are made from, and one function.

import type { PluginDefinition } from '../plugin.ts'

export interface Option {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  /** May be given more than once; its value is then an array. */
  readonly multiple?: boolean
  /** What the value is, for the help text: FILE, K=V. */
  readonly value?: string
  /** One line that says what it does. */
  readonly help: string
}

export interface Command {
  readonly name: string
  /** One line that says what the command does. */
  readonly summary: string
  /** What follows the command's name: `--settings FILE [--check]`. */
  readonly usage: string
  readonly options: Readonly<Record<string, Option>>
  /** Resolves with the exit code; rejects with a LauncherError that the caller shows. */
  run (context: CommandContext): Promise<number>
}

/** Everything of the process that a command may touch. */
export interface CommandContext {
  readonly values: Readonly<Record<string, string | boolean | Array<string | boolean> | undefined>>
  readonly positionals: readonly string[]
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal
  /** Aborts when the user interrupts a second time. */
  readonly force?: AbortSignal
  /** Calls the listener at every SIGHUP. */
  readonly onHangup?: (listener: () => unknown) => void
  /** Loads the plugins; a command that needs none does not pay for them. */
  readonly loadPlugins: () => Promise<readonly PluginDefinition[]>
}
