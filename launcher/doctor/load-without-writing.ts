// Loads the configuration that a launcher would use, without writing anything.

import { basename } from 'node:path'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { loadConfig } from '../config/load.ts'
import { renderSettings, STAND_ALONE_CONFIG_DIR, type ConfigSource } from '../config/prepare.ts'
import type { PluginDefinition } from '../plugin.ts'

/** Rejects with SettingsInvalid, ConfInvalid or FileNotReadable. */
export async function dryConfig (
  { settings, configDir = STAND_ALONE_CONFIG_DIR }: ConfigSource,
  plugins: readonly PluginDefinition[]
): Promise<LauncherConfig> {
  if (settings === undefined) return await loadConfig(configDir, plugins)
  const { settings: { values }, files } = await renderSettings(settings, plugins)
  return await loadConfig(values.ConfigDir, plugins, async path => files.get(basename(path)))
}
