// Maps problems in rendered conf files to the settings of the host that they come from.

import { basename } from 'node:path'
import type { Problem } from '../lib/problem.ts'
import { settingsInDefault, settingName, type Settings } from './settings.ts'

/** The setting that a line of a rendered file comes from. */
export interface LineOrigin {
  /** Name of the file. */
  readonly file: string
  readonly key: string
  readonly setting: string
  /** Undefined if the key has no value. */
  readonly line?: number
}

/**
 * Returns the problem at the setting, in the host's file. Returns undefined if the line comes from no setting, which
 * means that the launcher itself is wrong.
 */
export function asSettingProblem (
  { file = '', line, key = '', problem }: Problem,
  origins: readonly LineOrigin[],
  settings: Settings
): Problem & { readonly key: string } | undefined {
  // One item of a list is named KEY[INDEX].
  const [, name, index] = /^([^[]*)(?:\[(\d+)\])?/.exec(key)!
  const keyOrigins = origins.filter(origin => origin.file === basename(file) && origin.key === name)
  const { setting } = keyOrigins.find(origin => origin.line === line) ?? keyOrigins[0] ?? {}
  if (setting === undefined) return undefined
  const item = index === undefined ? undefined : itemOf(settings.sources[setting] ?? [], Number(index))
  return {
    ...placeOfSetting(setting, settings, item === undefined ? 0 : settings.sources[setting]!.indexOf(item)),
    key: settingName(setting),
    problem: item === undefined ? problem : `${problem}: ${JSON.stringify(item.text)}`
  }
}

/** Returns the text of an item: a list is given as one text with commas, or as one text for each item. */
function itemOf <T> (sources: readonly T[], index: number): T | undefined {
  return sources[index] ?? sources[0]
}

/** Returns where the setting was given, or a setting that its default is made from. */
export function placeOfSetting (key: string, settings: Settings, index = 0): Pick<Problem, 'file' | 'line'> {
  const setting = settings.all.find(setting => setting.key === key)!
  const { file, line } = settings.sources[key]?.[index] ??
    settingsInDefault(setting).flatMap(other => settings.sources[other] ?? [])[0] ?? {}
  return { ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}
