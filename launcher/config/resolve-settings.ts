// Decides the value of every setting.

import type { Problem } from '../lib/problem.ts'
import type { SettingTexts } from '../model/conf-key.ts'
import { readSetting } from './setting-value.ts'
import { expandTemplate, settingsInDefault, settingName, type Given, type Setting, type Settings } from './settings.ts'

/** Uses the given value, or else the default. A setting that cannot be parsed has its default, and a problem. */
export function resolveSettings (
  all: readonly Setting[],
  given: ReadonlyMap<string, readonly Given[]>,
  exists: (path: string) => boolean
): { settings: Settings, problems: readonly Problem[] } {
  const problems: Problem[] = []
  const texts: Record<string, string | undefined> = {}
  const sources: Record<string, readonly Given[]> = {}
  const missing: Setting[] = []

  for (const setting of all) {
    const source = given.get(setting.key) ?? []
    const values: string[] = []
    for (const { text, ...place } of source) {
      const read = readSetting(setting, text)
      if ('value' in read) values.push(read.value)
      else problems.push({ ...place, key: settingName(setting.key), problem: read.problem })
    }
    sources[setting.key] = source
    if (values.length === source.length && values.length > 0) texts[setting.key] = values.join(',')
    else missing.push(setting)
  }
  // Defaults that are made from other settings come last.
  for (const setting of missing.sort((a, b) => settingsInDefault(a).length - settingsInDefault(b).length)) {
    texts[setting.key] = defaultOf(setting, texts, exists)
  }
  return { settings: { all, texts, sources }, problems }
}

function defaultOf (
  setting: Setting,
  texts: SettingTexts,
  exists: (path: string) => boolean
): string | undefined {
  const text = setting.spawned === undefined ? undefined : expandTemplate(setting.spawned, texts)
  if (text === undefined || (setting.ifExists === true && !exists(text))) return undefined
  const read = readSetting(setting, text)
  return 'value' in read ? read.value : undefined
}
