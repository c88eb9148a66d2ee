// The type of a subcommand: data for its help text and the parsing of its options, and one function.

import type { PluginDefinition } from '../plugin.ts'

export interface Option {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  /** May be repeated; its value is then an array. */
  readonly multiple?: boolean
  /** The kind of value, for the help text: FILE, K=V. */
  readonly value?: string
  /** One line that describes it. */
  readonly help: string
}

export interface Command {
  readonly name: string
  /** One line that describes the command. */
  readonly summary: string
  /** The text after the command's name: `--settings FILE [--check]`. */
  readonly usage: string
  readonly options: Readonly<Record<string, Option>>
  /** Resolves with the exit code. Rejects with a LauncherError that the caller prints. */
  run (context: CommandContext): Promise<number>
}

/** The parts of the process that a command may use. */
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
  /** Loads the plugins, only for commands that need them. */
  readonly loadPlugins: () => Promise<readonly PluginDefinition[]>
}
