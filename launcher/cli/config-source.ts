// The options that select the configuration: --settings with --set, or --config-dir.

import type { ConfigSource } from '../config/prepare.ts'
import { LauncherError } from '../errors.ts'
import type { CommandContext, Option } from './command.ts'

export const CONFIG_OPTIONS = {
  settings: {
    type: 'string',
    value: 'FILE',
    help: "The host's settings file, with a section [Launcher]"
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'K=V',
    help: 'A setting that overrides the file, such as Launcher.LogLevel=debug; may be given more than once'
  },
  'config-dir': {
    type: 'string',
    value: 'DIR',
    help: 'Folder of conf files written by hand; /etc/rstudio without --settings'
  }
} as const satisfies Record<string, Option>

/** How the usage line of a command shows them. */
export const CONFIG_USAGE = '(--settings FILE [--set K=V]… | --config-dir DIR)'

/** Throws UsageError if the options exclude each other. */
export function configSource ({ settings, set = [], 'config-dir': configDir }: CommandContext['values']): ConfigSource {
  if (settings !== undefined && configDir !== undefined) {
    throw new LauncherError(
      'UsageError',
      '--settings and --config-dir cannot be combined; the settings set the folder (Launcher.ConfigDir).'
    )
  }
  if (settings !== undefined) return { settings: { file: settings as string, set: set as string[] } }
  if ((set as string[]).length > 0) {
    throw new LauncherError('UsageError', '--set needs --settings; without it the operator writes the conf files.')
  }
  return configDir === undefined ? {} : { configDir: configDir as string }
}
