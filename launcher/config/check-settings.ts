// Checks the settings that appear in no conf file: those that switch the launcher and its clusters on.

import type { Problem } from '../lib/problem.ts'
import type { PluginDefinition } from '../plugin.ts'
import { placeOfSetting } from './setting-problems.ts'
import { settingName, type Settings } from './settings.ts'

export function checkSettings (settings: Settings, plugins: readonly PluginDefinition[]): Problem[] {
  const problems: Problem[] = []
  const report = (key: string, problem: string): void => {
    problems.push({ ...placeOfSetting(key, settings), key: settingName(key), problem })
  }
  if (settings.texts.Enabled === 'false') {
    report('Enabled', 'is false: the host should not have started the launcher')
  }
  const enablingKeys = plugins.flatMap(({ enabledBy }) => enabledBy === undefined ? [] : [enabledBy.key])
  const [first, ...others] = enablingKeys
  if (first !== undefined && enablingKeys.every(key => settings.texts[key] === 'false')) {
    const names = others.map(settingName).join(' and ')
    report(first, names === ''
      ? 'is false; it must be true, because no other cluster exists'
      : `and ${names} are ${others.length === 1 ? 'both' : 'all'} false; at least one must be true`)
  }
  return problems
}
