// Renders a host's settings and loads the rendered text, so that each rule about a value exists only once, for the conf
// files. Reports each problem at the setting that it comes from.

import { basename, join } from 'node:path'
import { problemsError, type Problem } from '../lib/problem.ts'
import type { PluginDefinition } from '../plugin.ts'
import { checkSettings } from './check-settings.ts'
import { clusterFileSection } from './conf-files.ts'
import { settingNames } from './key-names.ts'
import type { LauncherConfig } from './launcher-config.ts'
import { loadClusterFile } from './load-cluster.ts'
import { readConfig } from './load.ts'
import type { GivenSettings } from './read-settings.ts'
import { enabledClusters, renderConf, type RenderedFiles } from './render.ts'
import { resolveSettings } from './resolve-settings.ts'
import { asSettingProblem } from './setting-problems.ts'
import { settingName, type Setting, type Settings } from './settings.ts'

export interface RenderedConf {
  /** The configuration loaded from the text of the files. It is in force once they are written. */
  readonly config: LauncherConfig
  /** Text by file name. */
  readonly files: ReadonlyMap<string, string>
}

export interface RenderSource {
  readonly all: readonly Setting[]
  readonly given: GivenSettings['given']
  readonly plugins: readonly PluginDefinition[]
  readonly exists: (path: string) => boolean
}

/** Rejects with SettingsInvalid, which lists every problem, `earlier` ones first. */
export async function renderGiven (source: RenderSource, earlier: readonly Problem[]): Promise<RenderedConf> {
  const { all, plugins, exists } = source
  const { settings, problems } = resolveSettings(all, source.given, exists)
  const rendered = renderConf(settings, plugins)
  const loaded = await loadRendered(rendered, settings, source)
  const found = [...earlier, ...problems, ...checkSettings(settings, plugins)]
  if (found.length === 0 && loaded.problems.length === 0) return { config: loaded.config, files: rendered.files }

  const wrong = new Set(problems.map(({ key }) => key!))
  found.push(...await problemsWhenLoaded(source, wrong))
  if (found.length > 0) throw problemsError('SettingsInvalid', found)
  throw problemsError('ConfInvalid', loaded.problems)
}

/**
 * Loads the files without the settings that are known to be `wrong`, and returns the problems that do not depend on
 * them. Repeats this, because a file is checked as a whole only after each of its keys was found valid.
 */
async function problemsWhenLoaded (source: RenderSource, wrong: Set<string>): Promise<Problem[]> {
  const { all, plugins, exists } = source
  const given = new Map(Array.from(source.given).filter(([key]) => !wrong.has(settingName(key))))
  const { settings } = resolveSettings(all, given, exists)
  const rendered = renderConf(settings, plugins)
  const { problems } = await loadRendered(rendered, settings, source)
  const found = problems
    .map(problem => asSettingProblem(problem, rendered.origins, settings))
    .filter(found => found !== undefined)
    .filter(({ key, problem }) => ![key, ...problem.match(/Launcher\.\w+/g) ?? []].some(name => wrong.has(name)))
  if (found.length === 0) return []
  return [...found, ...await problemsWhenLoaded(source, new Set([...wrong, ...found.map(({ key }) => key)]))]
}

/** Also loads the files of clusters that are off, to report their problems before they are switched on. */
async function loadRendered (
  { files, origins }: RenderedFiles,
  settings: Settings,
  { plugins, exists }: RenderSource
): Promise<{ config: LauncherConfig, problems: readonly Problem[] }> {
  const configDir = settings.texts.ConfigDir!
  const options = { read: async (path: string) => files.get(basename(path)), exists, names: settingNames(origins) }
  const { config, problems } = await readConfig(configDir, plugins, options)
  const problemsOfDisabled: Problem[] = []
  const enabled = enabledClusters(settings, plugins)
  for (const plugin of plugins.filter(plugin => plugin.enabledBy !== undefined && !enabled.includes(plugin))) {
    const file = join(configDir, clusterFileSection(plugin).file)
    const { scratchPath } = config.server
    await loadClusterFile(plugin, {
      ...options,
      file,
      name: plugin.type,
      configDir,
      scratchPath
    }, problemsOfDisabled)
  }
  return { config, problems: [...problems, ...problemsOfDisabled] }
}
