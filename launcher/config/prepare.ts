// Turns the host's settings into the configuration in force: reads, renders, loads and writes it.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { isWritableByAll } from '../lib/writable-by-all.ts'
import type { PluginDefinition } from '../plugin.ts'
import { LAUNCHER_CONF } from './conf-files.ts'
import { instanceId } from './instance-id.ts'
import type { LauncherConfig } from './launcher-config.ts'
import { loadConfig } from './load.ts'
import { refuseTakenFolder } from './marker.ts'
import { readSettings } from './read-settings.ts'
import { readText } from './read-text.ts'
import { renderGiven, type RenderedConf } from './render-given.ts'
import { settingName, settingsOf, STAND_ALONE_CONFIG_DIR } from './settings.ts'
import { writableFolder } from './writable-folder.ts'
import { writeConf, type ReplacedFile } from './write-conf.ts'

const CONFIG_DIR_MODE = 0o750
const SCRATCH_PATH_MODE = 0o700

/** A host's settings file, and `Launcher.Key=value` from the command line. */
export interface SettingsSource {
  readonly file: string
  readonly set: readonly string[]
}

/** Source of a launcher's configuration: the host's settings, or a folder of conf files written by hand. */
export interface ConfigSource {
  readonly settings?: SettingsSource
  /** Default: STAND_ALONE_CONFIG_DIR. */
  readonly configDir?: string
}

export interface PreparedConfig {
  readonly config: LauncherConfig
  /** Edited conf files that were replaced by rendered ones. */
  readonly replaced: readonly ReplacedFile[]
  /** Paths of the conf files that were rendered; empty without settings. */
  readonly files: readonly string[]
}

/**
 * With settings, renders the conf files, loads them and writes them. Without settings, loads the files in `configDir`.
 * Writes only after everything was found valid, apart from the folders and the instance id. Calls `beforeWrite` with
 * the scratch path and server-user in both cases, after everything was found valid and before anything is written. It
 * may reject.
 */
export async function prepareConfig (
  source: ConfigSource,
  plugins: readonly PluginDefinition[],
  beforeWrite: (scratchPath: string, serverUser: string | undefined) => Promise<void> = async () => {}
): Promise<PreparedConfig> {
  if (source.settings !== undefined) {
    const rendered = await renderSettings(source.settings, plugins)
    const { config } = rendered
    await beforeWrite(config.server.scratchPath, config.server.serverUser)
    return { config, ...await writeRendered(rendered) }
  }
  const config = await readConfiguration(source, plugins)
  const { scratchPath, address, serverUser } = config.server
  const file = join(config.configDir, LAUNCHER_CONF)
  await beforeWrite(scratchPath, serverUser)
  await writableFolder(scratchPath, `${file}: scratch-path`, SCRATCH_PATH_MODE)
  if ('socket' in address) await writableFolder(dirname(address.socket), `${file}: address`, SCRATCH_PATH_MODE)
  return { config, replaced: [], files: [] }
}

/** Resolves with the configuration for a launcher. Writes nothing. Rejects as `renderSettings` and `loadConfig` do. */
export async function readConfiguration (
  { settings, configDir = STAND_ALONE_CONFIG_DIR }: ConfigSource,
  plugins: readonly PluginDefinition[]
): Promise<LauncherConfig> {
  return settings === undefined
    ? await loadConfig(configDir, plugins)
    : (await renderSettings(settings, plugins)).config
}

/**
 * Renders the conf files and loads the configuration from their text. Writes nothing. Rejects with SettingsInvalid,
 * FileNotReadable, FileNotTrusted or ConfigDirTaken.
 */
export async function renderSettings (
  { file, set }: SettingsSource,
  plugins: readonly PluginDefinition[]
): Promise<RenderedConf> {
  const text = await readText(file)
  if (text === undefined) throw new LauncherError('FileNotReadable', `${file} does not exist`, { file })
  if (await isWritableByAll(file)) {
    throw new LauncherError(
      'FileNotTrusted',
      `${file} can be written by every user, who can so decide what the launcher does. Run: chmod o-w ${file}`,
      { file }
    )
  }
  const all = settingsOf(plugins)
  const { given, problems } = readSettings(text, file, set, all)
  const rendered = await renderGiven({ all, given, plugins, exists: existsSync }, problems)
  await refuseTakenFolder(rendered.config.configDir, rendered.config.server.scratchPath)
  return rendered
}

/** Creates the folders and writes exactly the text that was loaded. Rejects with FolderNotWritable. */
export async function writeRendered ({ config, files }: RenderedConf): Promise<Omit<PreparedConfig, 'config'>> {
  const { configDir, server: { scratchPath, address } } = config
  await writableFolder(configDir, settingName('ConfigDir'), CONFIG_DIR_MODE)
  await writableFolder(scratchPath, settingName('ScratchPath'), SCRATCH_PATH_MODE)
  if ('socket' in address) await writableFolder(dirname(address.socket), settingName('Address'), SCRATCH_PATH_MODE)
  const instance = await instanceId(scratchPath)
  const replaced = await writeConf({ configDir, scratchPath, instance, files })
  return { replaced, files: Array.from(files.keys(), name => join(configDir, name)) }
}
