// Renders the conf files from settings and templates. Pure and deterministic: no clock, no file is read.

import { basename } from 'node:path'
import { LauncherError } from '../errors.ts'
import { writeIniValue } from '../lib/ini-value.ts'
import { LAUNCHER_CONF } from './load.ts'
import { COMMAND_LINE } from './read-settings.ts'
import {
  RENDERED_CLUSTERS,
  RENDERED_SERVER,
  renderedClusterSection,
  type RenderedCluster,
  type RenderedKey,
  type RenderedKeys
} from './setting-map.ts'
import { settingName, type Settings } from './settings.ts'
const HEADER = [
  '# Rendered by job-launcher from the host\'s settings, at each start. Do not edit: this file is overwritten.',
  '# Edit section [Launcher] of the host\'s settings instead. Above each line stands where its value came from.'
]
const CLUSTER_SECTION = '[cluster]\n'
const PLACEHOLDER = /^([a-z-]+) = \{\{\1\}\}$/gm

/** Text by file name, for every template. A cluster that is off is rendered too and says so. */
export function renderConf (settings: Settings, templates: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const rendered = new Map([
    [LAUNCHER_CONF, withHeader(renderLauncherConf(settings, templateOf(templates, LAUNCHER_CONF)))]
  ])
  for (const cluster of RENDERED_CLUSTERS) {
    const text = fill(templateOf(templates, cluster.file), cluster.keys, settings)
    rendered.set(cluster.file, withHeader(text, isOn(cluster, settings)
      ? undefined
      : `# The cluster is off (${settingName(cluster.setting)} is false), so nothing reads this file.`))
  }
  return rendered
}

/** The clusters that the settings switch on, in the order they are rendered. */
export function enabledClusters (settings: Settings): readonly RenderedCluster[] {
  return RENDERED_CLUSTERS.filter(cluster => isOn(cluster, settings))
}

function isOn (cluster: RenderedCluster, settings: Settings): boolean {
  return settings.values[cluster.setting]
}

function renderLauncherConf (settings: Settings, template: string): string {
  const start = template.indexOf(CLUSTER_SECTION)
  if (start === -1) {
    throw new LauncherError('InternalError', `The template of ${LAUNCHER_CONF} has no section [cluster]`)
  }
  const clusters = enabledClusters(settings).map(cluster =>
    fill(template.slice(start), renderedClusterSection(cluster), settings)
  )
  return fill(template.slice(0, start), RENDERED_SERVER, settings) + clusters.join('\n')
}

function templateOf (templates: ReadonlyMap<string, string>, name: string): string {
  const template = templates.get(name)
  if (template === undefined) throw new LauncherError('InternalError', `There is no template of ${name}`)
  return template
}

function withHeader (text: string, note?: string): string {
  return [...HEADER, ...(note === undefined ? [] : [note]), '', text].join('\n')
}

function fill (template: string, keys: RenderedKeys, settings: Settings): string {
  const unused = new Set(Object.keys(keys))
  const text = template.replace(PLACEHOLDER, (_, key: string) => {
    if (!unused.delete(key)) {
      throw new LauncherError('InternalError', `The template has ${key}, which nothing renders, or has it twice`)
    }
    return renderLine(key, keys[key]!, settings)
  })
  if (unused.size > 0) throw new LauncherError('InternalError', `The template lacks ${[...unused].join(', ')}`)
  return text
}

function renderLine (key: string, rendered: RenderedKey, settings: Settings): string {
  const text = rendered.text(settings.values)
  if (text === undefined) return `# default (not set)\n#${key}=`
  return `# ${provenance(rendered, settings)}\n${key}=${writeIniValue(text)}`
}

/** Where the value came from: "Launcher.JobExpiry, host.gcfg line 4", "default", "launcher's own". */
function provenance ({ setting }: RenderedKey, settings: Settings): string {
  if (setting === undefined) return 'launcher\'s own'
  const given = settings.sources[setting]
  const file = given[0]?.file
  if (file === undefined) return 'default'
  if (file === COMMAND_LINE) return `${settingName(setting)}, ${COMMAND_LINE}`
  const name = basename(file).replaceAll(/\p{Cc}/gu, '?')
  return `${settingName(setting)}, ${name} line ${given.map(({ line }) => line).join(' and ')}`
}
