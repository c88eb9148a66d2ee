// Finds what was given for each setting, in the host's settings file and on the command line.

import { LauncherError } from '../errors.ts'
import { closestMatch } from '../lib/closest-match.ts'
import { scanIni, type IniEntry, type IniSection } from '../lib/read-ini.ts'
import type { Problem } from '../lib/problem.ts'
import { mayRepeat, SETTING_KEYS, SETTINGS_SECTION, settingName, type SettingKey, type Given } from './settings.ts'

export interface GivenSettings {
  readonly given: ReadonlyMap<SettingKey, readonly Given[]>
  readonly problems: readonly Problem[]
}

/** What stands for the file of a setting that was given on the command line. */
export const COMMAND_LINE = '--set'

/** `set` holds `Launcher.Key=value` or `Key=value`; it outdoes the file, and of one key the last counts. */
export function readSettings (text: string, file: string, set: readonly string[]): GivenSettings {
  const given = new Map<SettingKey, readonly Given[]>()
  const problems: Problem[] = []

  const { sections, problems: lineProblems } = scanIni(text, {
    file,
    ours: name => name === SETTINGS_SECTION,
    mayRepeat
  })
  problems.push(...lineProblems.map(withSection))
  const ours = sections.filter(section => section.name === SETTINGS_SECTION)
  if (ours.length === 0) problems.push({ file, problem: missingSection(sections) })
  for (const { key, value, line } of ours.flatMap(section => section.entries)) {
    const earlier = isSetting(key) ? given.get(key) ?? [] : []
    if (!isSetting(key)) problems.push({ file, line, key: settingName(key), problem: unknownKey(key) })
    else if (earlier.length > 0 && !mayRepeat(key)) {
      problems.push({ file, line, key: settingName(key), problem: `is already defined in line ${earlier[0]!.line}` })
    } else given.set(key, [...earlier, { text: value, file, line }])
  }

  const fromCommandLine = new Map<SettingKey, readonly Given[]>()
  for (const { key, value } of set.map(splitSet)) {
    if (!isSetting(key)) problems.push({ file: COMMAND_LINE, key: settingName(key), problem: unknownKey(key) })
    else {
      fromCommandLine.set(key, [
        ...(mayRepeat(key) ? (fromCommandLine.get(key) ?? []) : []),
        { text: value, file: COMMAND_LINE }
      ])
    }
  }
  for (const [key, values] of fromCommandLine) given.set(key, values)
  return { given, problems }
}

function withSection (problem: Problem): Problem {
  return problem.key === undefined || problem.key.startsWith('[')
    ? problem
    : { ...problem, key: settingName(problem.key) }
}

function splitSet (text: string): Pick<IniEntry, 'key' | 'value'> {
  const equals = text.indexOf('=')
  if (equals <= 0) {
    throw new LauncherError('UsageError', `--set takes ${SETTINGS_SECTION}.Key=value, not ${JSON.stringify(text)}`)
  }
  const key = text.slice(0, equals).trim()
  const prefix = `${SETTINGS_SECTION}.`
  return { key: key.startsWith(prefix) ? key.slice(prefix.length) : key, value: text.slice(equals + 1).trim() }
}

function isSetting (key: string): key is SettingKey {
  return SETTING_KEYS.some(known => known === key)
}

function unknownKey (key: string): string {
  const near = closestMatch(key, SETTING_KEYS)
  return `is not a known setting${near === undefined ? '' : `; did you mean ${settingName(near)}?`}`
}

function missingSection (sections: readonly IniSection[]): string {
  const near = closestMatch(SETTINGS_SECTION, sections.map(section => section.name))
  const misspelt = sections.find(section => section.name === near)
  return `has no section [${SETTINGS_SECTION}]${misspelt === undefined
? ''
: '; did you mean it by ' +
    `[${misspelt.name}] in line ${misspelt.line}?`}`
}
