// Makes one cluster's part of the configuration from its [cluster] section and its own conf file.

import { Type, type TObject } from 'typebox'
import type { PluginDefinition } from '../plugin.ts'
import { closestMatch } from '../lib/closest-match.ts'
import { scanIni, type IniSection } from '../lib/read-ini.ts'
import type { Problem } from '../lib/problem.ts'
import { CLUSTER_KEYS, CLUSTER_SECTION_KEYS, type ClusterKeys, type ClusterSectionKeys } from './cluster-keys.ts'
import { readSection } from './conf-section.ts'
import { groupSections } from './group-sections.ts'
import type { ClusterConfig } from './launcher-config.ts'

export interface ClusterSource {
  /** Path of launcher.conf. */
  readonly file: string
  /** A [cluster] section of it. */
  readonly section: IniSection
  readonly configDir: string
  /** Scratch path of the server. */
  readonly scratchPath: string
  readonly plugins: readonly PluginDefinition[]
  /** Content of a file, or undefined when there is none. */
  readonly read: (path: string) => Promise<string | undefined>
}

/** Keys of the conf file of clusters with this plugin. */
export function clusterSchema (plugin: PluginDefinition): TObject {
  return Type.Object({ ...CLUSTER_KEYS.properties, ...plugin.config.properties })
}

/** Name of the one section in a cluster's conf file. */
export function sectionOfType (type: string): string {
  return type.toLowerCase()
}

/** Undefined when something is wrong; it is then in `problems`. */
export async function loadCluster (source: ClusterSource, problems: Problem[]): Promise<ClusterConfig | undefined> {
  const { file, section, plugins } = source
  const type = section.entries.find(entry => entry.key === 'type')?.value
  const names = {
    'config-dir': source.configDir,
    ...(type !== undefined && { 'type in lower case': sectionOfType(type) })
  }
  const own = readSection(CLUSTER_SECTION_KEYS, { file, section, names })
  problems.push(...own.problems)
  const plugin = plugins.find(candidate => candidate.type === type)
  if (type !== undefined && plugin === undefined) problems.push(own.at('type', unknownType(type, plugins)))
  if (own.problems.length > 0 || plugin === undefined) return undefined

  const keys = own.values as unknown as ClusterSectionKeys
  const conf = await loadFile(keys, plugin, source, problems)
  return {
    name: keys.name,
    type: keys.type,
    configFile: keys['config-file'],
    allowedGroups: keys['allowed-groups'] ?? [],
    ...conf
  }
}

async function loadFile (
  keys: ClusterSectionKeys,
  plugin: PluginDefinition,
  { read, scratchPath, configDir }: ClusterSource,
  problems: Problem[]
): Promise<Pick<ClusterConfig, 'scratchPath' | 'concurrency' | 'maxWaitingJobs' | 'values'>> {
  const file = keys['config-file']
  const text = await read(file)
  const scanned = scanIni(text ?? '', { file })
  const name = sectionOfType(keys.type)
  const sections = groupSections(file, scanned.sections, { once: [name], repeated: [] }, problems)
  const conf = readSection(clusterSchema(plugin), {
    file,
    section: sections.get(name)?.[0],
    names: { 'scratch-path of launcher.conf': scratchPath, 'config-dir': configDir, name: keys.name }
  })
  problems.push(...scanned.problems, ...conf.problems)
  const {
    'scratch-path': ownScratchPath,
    concurrency,
    'max-waiting-jobs': maxWaitingJobs,
    ...values
  } = conf.values as unknown as ClusterKeys
  return { scratchPath: ownScratchPath, concurrency, maxWaitingJobs, values }
}

function unknownType (type: string, plugins: readonly PluginDefinition[]): string {
  const types = plugins.map(plugin => plugin.type)
  const near = closestMatch(type, types)
  return `is ${JSON.stringify(type)}, which no plugin backs${near === undefined ? '.' : `; did you mean ${near}?`} ` +
    `There are: ${types.join(', ')}`
}
