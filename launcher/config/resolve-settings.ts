// Decides the value of every setting, and whether they go together.

import { problemsError, type Problem } from '../lib/problem.ts'
import { checkSettings } from './check-settings.ts'
import { readSetting } from './setting-value.ts'
import {
  isListType,
  SETTINGS,
  settingName,
  type Setting,
  type SettingKey,
  type SettingValues,
  type Settings,
  type Given
} from './settings.ts'
import type { GivenSettings } from './read-settings.ts'

/** Precedence: what was given, then the default. Throws SettingsInvalid that lists every problem. */
export function resolveSettings (
  { given, problems: earlier }: GivenSettings,
  exists: (path: string) => boolean
): Settings {
  const problems: Problem[] = [...earlier]
  const values: Record<string, unknown> = {}
  const sources: Partial<Record<SettingKey, readonly Given[]>> = {}

  for (const setting of SETTINGS) {
    const texts = given.get(setting.key) ?? []
    sources[setting.key] = texts
    values[setting.key] = texts.length === 0 ? defaultOf(setting, values, exists) : givenValue(setting, texts, problems)
  }
  const settings: Settings = { values: values as unknown as SettingValues, sources: sources as Settings['sources'] }
  problems.push(...checkSettings(settings))
  if (problems.length > 0) throw problemsError('SettingsInvalid', problems)
  return settings
}

/** Undefined when it cannot be read; what is wrong is then in `problems`. */
function givenValue (setting: Setting, texts: readonly Given[], problems: Problem[]): unknown {
  const read = texts.map(({ text, ...place }) => {
    const result = readSetting(setting, text)
    if ('value' in result) return result.value
    problems.push({ ...place, key: settingName(setting.key), problem: result.problem })
    return undefined
  })
  return isListType(setting.type) ? read.filter(value => value !== undefined) : read[0]
}

/** Undefined also when it is made from a setting that cannot be read. */
function defaultOf (
  setting: Setting,
  values: Readonly<Record<string, unknown>>,
  exists: (path: string) => boolean
): unknown {
  if (setting.spawned === undefined) return undefined
  const names = Array.from(setting.spawned.matchAll(/\{(\w+)\}/g), match => match[1]!)
  if (names.some(name => values[name] === undefined)) return undefined
  const text = setting.spawned.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
  if (setting.ifExists === true && !exists(text)) return undefined
  const result = readSetting(setting, text)
  if (!('value' in result)) return undefined
  return isListType(setting.type) ? [result.value] : result.value
}
