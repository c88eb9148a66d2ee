// Reads where a launcher takes its configuration from: --settings with --set, or --config-dir.

import type { ConfigSource } from '../config/prepare.ts'
import { LauncherError } from '../errors.ts'
import type { CommandContext } from './command.ts'

/** Throws UsageError when the options do not go together. */
export function configSource ({ settings, set = [], 'config-dir': configDir }: CommandContext['values']): ConfigSource {
  if (settings !== undefined && configDir !== undefined) {
    throw new LauncherError(
      'UsageError',
      '--settings and --config-dir are both given; the settings name the folder (Launcher.ConfigDir).'
    )
  }
  if (settings !== undefined) return { settings: { file: settings as string, set: set as string[] } }
  if ((set as string[]).length > 0) {
    throw new LauncherError('UsageError', '--set needs --settings: without it the conf files are written by hand.')
  }
  return configDir === undefined ? {} : { configDir: configDir as string }
}
