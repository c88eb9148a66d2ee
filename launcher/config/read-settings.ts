// Finds the values of each setting in the host's settings file and on the command line.

import { LauncherError } from '../errors.ts'
import { closestMatch, suggest } from '../lib/closest-match.ts'
import { scanIni, type IniEntry, type IniSection } from '../lib/read-ini.ts'
import type { Problem } from '../lib/problem.ts'
import { isRepeatable, SETTINGS_SECTION, settingName, type Given, type Setting } from './settings.ts'

export interface GivenSettings {
  readonly given: ReadonlyMap<string, readonly Given[]>
  readonly problems: readonly Problem[]
}

/** Stands for the file of a setting that was given on the command line. */
export const COMMAND_LINE = '--set'

/**
 * `set` contains `Launcher.Key=value` or `Key=value` and overrides the file. Its last value for a key counts, unless
 * the key is a list. `all` are the settings that exist.
 */
export function readSettings (
  text: string,
  file: string,
  set: readonly string[],
  all: readonly Setting[]
): GivenSettings {
  const known = new Map(all.map(setting => [setting.key, setting]))
  const mayRepeat = (key: string): boolean => known.has(key) && isRepeatable(known.get(key)!)
  const unknown = (key: string): string => `is not a known setting${suggest(key, known.keys(), settingName)}`
  const given = new Map<string, readonly Given[]>()
  const problems: Problem[] = []

  const { sections, problems: lineProblems } = scanIni(text, {
    file,
    ours: name => name === SETTINGS_SECTION,
    mayRepeat
  })
  problems.push(...lineProblems.map(withSection))
  const launcherSections = sections.filter(section => section.name === SETTINGS_SECTION)
  if (launcherSections.length === 0) problems.push({ file, problem: missingSection(sections) })
  for (const { key, value, line } of launcherSections.flatMap(section => section.entries)) {
    const earlier = given.get(key) ?? []
    if (!known.has(key)) problems.push({ file, line, key: settingName(key), problem: unknown(key) })
    else if (earlier.length > 0 && !mayRepeat(key)) {
      problems.push({ file, line, key: settingName(key), problem: `is already defined in line ${earlier[0]!.line}` })
    } else given.set(key, [...earlier, { text: value, file, line }])
  }

  const fromCommandLine = new Map<string, readonly Given[]>()
  for (const { key, value } of set.map(splitSet)) {
    if (!known.has(key)) problems.push({ file: COMMAND_LINE, key: settingName(key), problem: unknown(key) })
    else {
      const earlier = mayRepeat(key) ? fromCommandLine.get(key) ?? [] : []
      fromCommandLine.set(key, [...earlier, { text: value, file: COMMAND_LINE }])
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

function missingSection (sections: readonly IniSection[]): string {
  const near = closestMatch(SETTINGS_SECTION, sections.map(section => section.name))
  const misspelled = sections.find(section => section.name === near)
  const missing = `has no section [${SETTINGS_SECTION}]`
  return misspelled === undefined
    ? missing
    : `${missing}; is [${misspelled.name}] in line ${misspelled.line} a misspelling of it?`
}
