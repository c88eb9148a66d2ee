// Collects every setting that a host may define from the conf keys that declare them: types, defaults and help texts.

import type { ConfKey, SettingTexts, SettingType } from '../model/conf-key.ts'
import { formatDuration, HOUR_MS } from '../lib/duration.ts'
import { formatSize } from '../lib/size.ts'
import type { PluginDefinition } from '../plugin.ts'
import { clusterFileSection, clusterSection, SERVER_SECTION, type ConfSection } from './conf-files.ts'

export interface Setting {
  /** Name, without the section. */
  readonly key: string
  readonly type: SettingType
  /** Default if a host spawns the launcher; {Key} stands for another setting. Without it the setting has no value. */
  readonly spawned?: string
  /** Default of a stand-alone launcher. */
  readonly standAlone?: string
  /** The default is a file that is used only if it exists. */
  readonly ifExists?: true
  /** Smallest and largest value that is accepted, written as the setting is. */
  readonly least?: string
  readonly most?: string
  /** The value is a whole number of this unit. */
  readonly whole?: 'seconds'
  /** Describes valid values, in words that follow "is not". */
  readonly expected?: string
  readonly description: string
}

/** Name of the section in the host's settings file. */
export const SETTINGS_SECTION = 'Launcher'

/** Folder of the conf files if a launcher is given neither settings nor a folder. */
export const STAND_ALONE_CONFIG_DIR = '/etc/rstudio'

/** Milliseconds of the unit in which a conf key counts a duration. */
export const UNIT_MS = { hours: HOUR_MS, seconds: 1000 } as const

const CORE: readonly Setting[] = [
  {
    key: 'Enabled',
    type: 'boolean',
    spawned: 'true',
    standAlone: 'true',
    description:
      'Whether the host uses the launcher at all. The host reads it; a launcher that is spawned nevertheless ' +
      'refuses to start.'
  },
  {
    key: 'ConfigDir',
    type: 'path',
    spawned: '/etc/rstudio-connect/launcher',
    standAlone: STAND_ALONE_CONFIG_DIR,
    description: 'Folder that the conf files are rendered into. Only one launcher may use it.'
  }
]

/** Returns the launcher's own settings, then those of each plugin. The reference page and problems have this order. */
export function settingsOf (plugins: readonly PluginDefinition[]): readonly Setting[] {
  return [
    ...CORE,
    ...declaredIn(SERVER_SECTION),
    ...plugins.flatMap(plugin => [
      ...switchOf(plugin),
      ...declaredIn(clusterFileSection(plugin)),
      ...declaredIn(clusterSection(plugin))
    ])
  ]
}

function switchOf ({ enabledBy }: PluginDefinition): Setting[] {
  if (enabledBy === undefined) return []
  const { key, default: on, description } = enabledBy
  return [{ key, type: 'boolean', spawned: String(on), standAlone: String(on), description }]
}

function declaredIn (section: ConfSection): Setting[] {
  return Object.values(section.keys).flatMap(key => key.setting === undefined ? [] : [settingFrom(key, section)])
}

function settingFrom (confKey: ConfKey, section: ConfSection): Setting {
  const { key, type = impliedType(confKey), spawned, least, ifExists, description } = confKey.setting!
  const standAlone = confKey.default === undefined ? undefined : asSetting(confKey.default, confKey, section)
  const usual = spawned ?? standAlone
  const smallest = least ?? asSetting(confKey.minimum, confKey, section)
  const largest = asSetting(confKey.maximum, confKey, section)
  return {
    key,
    type,
    ...(usual !== undefined && { spawned: usual }),
    ...(standAlone !== undefined && { standAlone }),
    ...(ifExists && { ifExists }),
    ...(smallest !== undefined && { least: smallest }),
    ...(largest !== undefined && { most: largest }),
    ...(confKey.unit === 'seconds' && confKey.type === 'integer' && { whole: 'seconds' as const }),
    ...(confKey['x-expected'] !== undefined && { expected: confKey['x-expected'] }),
    description: description ?? confKey.description!
  }
}

function impliedType ({ type, unit }: ConfKey): SettingType {
  if (unit !== undefined) return unit === 'bytes' ? 'size' : 'duration'
  switch (type) {
    case 'boolean': return 'boolean'
    case 'integer': return 'whole number'
    case 'array': return 'list'
    default: return 'text'
  }
}

/** Returns a value of a conf key as the text of a setting: 120 seconds are 2m. */
function asSetting (value: unknown, { unit }: ConfKey, section: ConfSection): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || unit === undefined) return defaultTemplate(String(value), section)
  return unit === 'bytes' ? formatSize(value) : formatDuration(value * UNIT_MS[unit])
}

/** Returns the default of a conf key with each {key} of a conf key replaced by the {Key} of its setting. */
export function defaultTemplate (text: string, { keys, cluster }: ConfSection): string {
  const names: Readonly<Record<string, string>> = {
    'config-dir': '{ConfigDir}',
    'scratch-path of launcher.conf': `{${SERVER_SECTION.keys['scratch-path']!.setting!.key}}`,
    ...(cluster !== undefined && {
      type: cluster.type,
      'type in lower case': cluster.type.toLowerCase(),
      name: cluster.type
    })
  }
  return text.replace(/\{([^{}]+)\}/g, (_, name: string) => names[name] ?? `{${keys[name]!.setting!.key}}`)
}

/** Returns undefined if a setting that the text names has no value. */
export function expandTemplate (template: string, texts: SettingTexts): string | undefined {
  const names = Array.from(template.matchAll(/\{(\w+)\}/g), match => match[1]!)
  if (names.some(name => texts[name] === undefined)) return undefined
  return template.replace(/\{(\w+)\}/g, (_, name: string) => texts[name]!)
}

/** Returns the names of the settings that the default of a setting is made from. */
export function settingsInDefault ({ spawned = '' }: Setting): string[] {
  return Array.from(spawned.matchAll(/\{(\w+)\}/g), match => match[1]!)
}

/** Returns whether the setting may be given more than once. Its value is then a list with an item for each time. */
export function isRepeatable ({ type }: Setting): boolean {
  return type === 'paths' || type === 'tagged paths'
}

/** Returns the name of a setting for messages. */
export function settingName (key: string): string {
  return `${SETTINGS_SECTION}.${key}`
}

export interface Settings {
  readonly all: readonly Setting[]
  /** The value of each setting in rendered form. The items of a list are separated by commas. */
  readonly texts: SettingTexts
  /** Where each value was given; empty for a default. */
  readonly sources: Readonly<Record<string, readonly Given[]>>
}

/** The text that was given for a setting, and its place. */
export interface Given {
  readonly text: string
  /** The settings file, or `--set`. */
  readonly file: string
  readonly line?: number
}
