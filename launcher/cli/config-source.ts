// Reads the options that select the configuration: --settings with --set, or --config-dir.

import type { ConfigSource } from '../config/prepare.ts'
import { LauncherError } from '../errors.ts'
import type { CommandContext } from './command.ts'

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
