// Renders the conf files from the settings and the schemas of the conf keys. Pure and deterministic: it reads no clock
// and no files.

import { basename } from 'node:path'
import { parseDuration } from '../lib/duration.ts'
import { writeIniValue } from '../lib/ini-value.ts'
import { parseSize } from '../lib/size.ts'
import type { ConfKey } from '../model/conf-key.ts'
import type { PluginDefinition } from '../plugin.ts'
import { clusterFileSection, clusterSection, LAUNCHER_CONF, SERVER_SECTION, type ConfSection } from './conf-files.ts'
import { COMMAND_LINE } from './read-settings.ts'
import type { LineOrigin } from './setting-problems.ts'
import { readPath } from './setting-value.ts'
import { defaultTemplate, expandTemplate, settingName, UNIT_MS, type Settings } from './settings.ts'

const HEADER = [
  '# Rendered by job-launcher from the host\'s settings, at each start. Do not edit: this file is overwritten.',
  '# Edit section [Launcher] of the host\'s settings instead. The comment above a line names the source of its value.'
]

export interface RenderedFiles {
  /** Text by file name. */
  readonly files: ReadonlyMap<string, string>
  /** The setting of each line that comes from one. */
  readonly origins: readonly LineOrigin[]
}

/** Also renders clusters that are off; their files say so. */
export function renderConf (settings: Settings, plugins: readonly PluginDefinition[]): RenderedFiles {
  const clusters = plugins.filter(({ enabledBy }) => enabledBy !== undefined)
  const enabled = enabledClusters(settings, plugins)
  const files = new Map<string, string>()
  const origins: LineOrigin[] = []
  render(LAUNCHER_CONF, [SERVER_SECTION, ...enabled.map(clusterSection)])
  for (const cluster of clusters) {
    const section = clusterFileSection(cluster)
    const name = settingName(cluster.enabledBy!.key)
    render(section.file, [section], enabled.includes(cluster)
      ? []
      : [`# The cluster is off (${name} is false), so nothing reads this file.`])
  }
  return { files, origins }

  function render (file: string, sections: readonly ConfSection[], notes: readonly string[] = []): void {
    const lines = [...HEADER, ...notes]
    for (const section of sections) {
      lines.push('', `[${section.name}]`)
      for (const [key, confKey] of Object.entries(section.keys)) {
        if (confKey.heading !== undefined) lines.push('', `# ${confKey.heading}`)
        const text = textOf(key, confKey, section, settings)
        lines.push(...keyLines(key, text, confKey, settings))
        const setting = settingOf(confKey)
        if (setting !== undefined) {
          origins.push({ file, key, setting, ...(text !== undefined && { line: lines.length }) })
        }
      }
    }
    files.set(file, [...lines, ''].join('\n'))
  }
}

/** Returns the clusters that the settings switch on. */
export function enabledClusters (
  settings: Settings,
  plugins: readonly PluginDefinition[]
): readonly PluginDefinition[] {
  return plugins.filter(({ enabledBy }) => enabledBy !== undefined && settings.texts[enabledBy.key] === 'true')
}

/** Returns the setting that a key is rendered from: its own or another key's. */
export function settingOf ({ setting, from }: ConfKey): string | undefined {
  return setting?.key ?? from
}

/** Returns undefined if the key has no value. */
function textOf (name: string, key: ConfKey, section: ConfSection, { texts }: Settings): string | undefined {
  if (key.text !== undefined) return key.text(texts)
  const value = key.default
  const isTemplate = typeof value === 'string' && value.includes('{')
  if (key.setting === undefined && (key.from === undefined || isTemplate)) {
    // A [cluster] section needs its type, which has no default.
    if (value === undefined) return name === 'type' ? section.cluster?.type : undefined
    const text = expandTemplate(defaultTemplate(String(value), section), texts)
    return text?.startsWith('/') === true ? readPath(text) : text
  }
  const text = texts[settingOf(key)!]
  return text === undefined || key.unit === undefined ? text : String(inUnit(text, key.unit))
}

function inUnit (text: string, unit: NonNullable<ConfKey['unit']>): number {
  return unit === 'bytes' ? parseSize(text)! : parseDuration(text)! / UNIT_MS[unit]
}

function keyLines (name: string, text: string | undefined, key: ConfKey, settings: Settings): string[] {
  return text === undefined
    ? ['# default (not set)', `#${name}=`]
    : [`# ${provenance(key, settings)}`, `${name}=${writeIniValue(text)}`]
}

/** Returns the source of the value: "Launcher.JobExpiry, host.gcfg line 4", "default" or "launcher's own". */
function provenance (key: ConfKey, { sources }: Settings): string {
  const setting = settingOf(key)
  if (setting === undefined) return 'launcher\'s own'
  const given = sources[setting] ?? []
  const file = given[0]?.file
  if (file === undefined) return 'default'
  if (file === COMMAND_LINE) return `${settingName(setting)}, ${COMMAND_LINE}`
  const name = basename(file).replaceAll(/\p{Cc}/gu, '?')
  return `${settingName(setting)}, ${name} line ${given.map(({ line }) => line).join(' and ')}`
}
