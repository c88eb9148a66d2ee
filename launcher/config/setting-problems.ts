// Says of what is wrong in a rendered conf file which setting of the host it comes from.

import { basename } from 'node:path'
import type { Problem } from '../lib/problem.ts'
import { madeFrom, settingName, type Settings } from './settings.ts'

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
 * The problem at the setting, in the host's file. Undefined if the line comes from no setting: then the launcher is
 * wrong.
 */
export function asSettingProblem (
  { file = '', line, key = '', problem }: Problem,
  origins: readonly LineOrigin[],
  settings: Settings
): Problem & { readonly key: string } | undefined {
  // One item of a list is named KEY[INDEX].
  const [, name, index] = /^([^[]*)(?:\[(\d+)\])?/.exec(key)!
  const ofKey = origins.filter(origin => origin.file === basename(file) && origin.key === name)
  const { setting } = ofKey.find(origin => origin.line === line) ?? ofKey[0] ?? {}
  if (setting === undefined) return undefined
  const item = index === undefined ? undefined : itemOf(settings.sources[setting] ?? [], Number(index))
  return {
    ...placeOfSetting(setting, settings, item === undefined ? 0 : settings.sources[setting]!.indexOf(item)),
    key: settingName(setting),
    problem: item === undefined ? problem : `${problem}: ${JSON.stringify(item.text)}`
  }
}

/** A list is given in one text with commas in it, or with a text for each item. */
function itemOf <T> (sources: readonly T[], index: number): T | undefined {
  return sources[index] ?? sources[0]
}

/** Where the setting was given, or what its default is made from. */
export function placeOfSetting (key: string, settings: Settings, index = 0): Pick<Problem, 'file' | 'line'> {
  const setting = settings.all.find(setting => setting.key === key)!
  const { file, line } = settings.sources[key]?.[index] ??
    madeFrom(setting).flatMap(other => settings.sources[other] ?? [])[0] ?? {}
  return { ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}
