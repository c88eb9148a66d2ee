// Settings for tests: the lines of a host's section [Launcher], read, resolved or rendered.

import { readSettings } from '../../../launcher/config/read-settings.ts'
import { renderGiven, type RenderedConf } from '../../../launcher/config/render-given.ts'
import { resolveSettings } from '../../../launcher/config/resolve-settings.ts'
import { settingsOf, type Settings } from '../../../launcher/config/settings.ts'
import type { PluginDefinition } from '../../../launcher/plugin.ts'
import { plugins as allPlugins } from '../../../plugins/index.ts'

export interface GivenOptions {
  readonly set?: readonly string[]
  readonly file?: string
  readonly plugins?: readonly PluginDefinition[]
  readonly exists?: (path: string) => boolean
}

export const FILE = '/h/host.gcfg'

export function resolved (
  lines: string,
  { set = [], file = FILE, plugins = allPlugins, exists = () => false }: GivenOptions = {}
): Settings {
  const all = settingsOf(plugins)
  const { given } = readSettings(`[Launcher]\n${lines}`, file, set, all)
  return resolveSettings(all, given, exists).settings
}

/** Rejects with SettingsInvalid. */
export async function rendered (
  lines: string,
  { set = [], file = FILE, plugins = allPlugins, exists = () => false }: GivenOptions = {}
): Promise<RenderedConf> {
  const all = settingsOf(plugins)
  const { given, problems } = readSettings(`[Launcher]\n${lines}`, file, set, all)
  return await renderGiven({ all, given, plugins, exists }, problems)
}
