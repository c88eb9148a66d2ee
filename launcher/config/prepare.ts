// Everything between what the host gave and the configuration in force: read, check, render, write, load.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { problemsError } from '../lib/problem.ts'
import { LAUNCHER_CONF, loadConfig } from './load.ts'
import { refuseTakenFolder } from './marker.ts'
import { instanceId } from './instance-id.ts'
import { readSettings } from './read-settings.ts'
import { readText } from './read-text.ts'
import { enabledClusters, renderConf } from './render.ts'
import { resolveSettings } from './resolve-settings.ts'
import { settingName, type Settings } from './settings.ts'
import { readTemplates } from './templates.ts'
import { writableFolder } from './writable-folder.ts'
import { writeConf } from './write-conf.ts'
import type { PluginDefinition } from '../plugin.ts'
import type { LauncherConfig } from './launcher-config.ts'

/** Folder of the conf files of a launcher that is given neither settings nor a folder. */
export const STAND_ALONE_CONFIG_DIR = '/etc/rstudio'

const CONFIG_DIR_MODE = 0o750
const SCRATCH_PATH_MODE = 0o700

/** What a host gives: its settings file, and `Launcher.Key=value` from the command line. */
export interface SettingsSource {
  readonly file: string
  readonly set: readonly string[]
}

/** Where a launcher takes its configuration from: the host's settings, or a folder of conf files written by hand. */
export interface ConfigSource {
  readonly settings?: SettingsSource
  /** STAND_ALONE_CONFIG_DIR when it is left out. */
  readonly configDir?: string
}

export interface RenderedConf {
  readonly settings: Settings
  /** Text by file name. */
  readonly files: ReadonlyMap<string, string>
}

export interface PreparedConfig {
  readonly config: LauncherConfig
  /** Sentences for the operator. */
  readonly warnings: readonly string[]
  /** Paths of the conf files that were rendered; empty without settings. */
  readonly files: readonly string[]
}

/**
 * With settings it renders the conf files, writes them and loads them from where it wrote them; without, it loads what
 * is in `configDir`. Nothing is written before all of it was found right, apart from the folders and the instance id.
 * `beforeWrite` is called with the scratch path and server-user, with settings or without, when all was found right and
 * before anything is written: it may refuse.
 */
export async function prepareConfig (
  { settings, configDir = STAND_ALONE_CONFIG_DIR }: ConfigSource,
  plugins: readonly PluginDefinition[],
  beforeWrite: (scratchPath: string, serverUser: string | undefined) => Promise<void> = async () => {}
): Promise<PreparedConfig> {
  if (settings !== undefined) {
    const rendered = await renderSettings(settings, plugins)
    await beforeWrite(rendered.settings.values.ScratchPath, rendered.settings.values.ServerUser)
    const written = await writeRendered(rendered)
    return { config: await loadConfig(rendered.settings.values.ConfigDir, plugins), ...written }
  }
  const config = await loadConfig(configDir, plugins)
  const { scratchPath, address, serverUser } = config.server
  const file = join(configDir, LAUNCHER_CONF)
  await beforeWrite(scratchPath, serverUser)
  await writableFolder(scratchPath, `${file}: scratch-path`, SCRATCH_PATH_MODE)
  if ('socket' in address) await writableFolder(dirname(address.socket), `${file}: address`, SCRATCH_PATH_MODE)
  return { config, warnings: [], files: [] }
}

/**
 * Checks the settings and renders the conf files without writing anything. Throws SettingsInvalid, FileNotReadable,
 * ConfigDirTaken.
 */
export async function renderSettings (
  { file, set }: SettingsSource,
  plugins: readonly PluginDefinition[]
): Promise<RenderedConf> {
  const text = await readText(file)
  if (text === undefined) throw new LauncherError('FileNotReadable', `${file} does not exist`, { file })
  const settings = resolveSettings(readSettings(text, file, set), existsSync)
  const unbacked = enabledClusters(settings).filter(cluster => !plugins.some(plugin => plugin.type === cluster.type))
  if (unbacked.length > 0) {
    throw problemsError('SettingsInvalid', unbacked.map(({ setting, type }) => ({
      ...place(settings, setting),
      key: settingName(setting),
      problem: `is true, but this launcher has no plugin of type ${type}`
    })))
  }
  const files = renderConf(settings, await readTemplates())
  const { ConfigDir: configDir, ScratchPath: scratchPath } = settings.values
  await refuseTakenFolder(configDir, scratchPath)
  await loadConfig(configDir, plugins, async path => files.get(basename(path)))
  return { settings, files }
}

/** Creates the folders and writes the files. Throws FolderNotWritable. */
export async function writeRendered ({ settings, files }: RenderedConf): Promise<Omit<PreparedConfig, 'config'>> {
  const { ConfigDir: configDir, ScratchPath: scratchPath, Address: address } = settings.values
  await writableFolder(configDir, settingName('ConfigDir'), CONFIG_DIR_MODE)
  await writableFolder(scratchPath, settingName('ScratchPath'), SCRATCH_PATH_MODE)
  if ('socket' in address) await writableFolder(dirname(address.socket), settingName('Address'), SCRATCH_PATH_MODE)
  const instance = await instanceId(scratchPath)
  const warnings = await writeConf({ configDir, scratchPath, instance, files })
  return { warnings, files: Array.from(files.keys(), name => join(configDir, name)) }
}

function place (settings: Settings, setting: 'Local' | 'Kubernetes'): { file?: string, line?: number } {
  const { file, line } = settings.sources[setting][0] ?? {}
  return { ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}
