// Builds one cluster's part of the configuration from its [cluster] section and its own conf file.

import { basename } from 'node:path'
import type { PluginDefinition } from '../plugin.ts'
import type { ClusterKeys } from '../plugin-kit/cluster-keys.ts'
import { suggest } from '../lib/closest-match.ts'
import { scanIni, type IniSection } from '../lib/read-ini.ts'
import type { Problem } from '../lib/problem.ts'
import { missingFiles, type FileExists } from './check-named-files.ts'
import { CLUSTER_SECTION_KEYS, type ClusterSectionKeys } from './cluster-keys.ts'
import { clusterSchema, sectionOfType } from './conf-files.ts'
import { readSection } from './conf-section.ts'
import { groupSections } from './group-sections.ts'
import type { KeyNames } from './key-names.ts'
import type { ClusterConfig } from './launcher-config.ts'
import type { ReadConf } from './read-text.ts'

export interface ClusterSource extends Omit<FileSource, 'file' | 'name'> {
  /** Path of launcher.conf. */
  readonly file: string
  /** A [cluster] section of it. */
  readonly section: IniSection
  readonly plugins: readonly PluginDefinition[]
}

export interface FileSource {
  /** Path of the cluster's own conf file. */
  readonly file: string
  /** Name of the cluster. */
  readonly name: string
  readonly configDir: string
  /** Scratch path of the server. */
  readonly scratchPath: string
  readonly read: ReadConf
  readonly exists: FileExists
  readonly names: KeyNames
}

/** Adds what is wrong to `problems`. Resolves with undefined if the [cluster] section is invalid. */
export async function loadCluster (
  { file, section, plugins, ...source }: ClusterSource,
  problems: Problem[]
): Promise<ClusterConfig | undefined> {
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
  const missing = await missingFiles(CLUSTER_SECTION_KEYS, own, source.exists)
  if (missing.length > 0) {
    problems.push(...missing)
    return undefined
  }

  const keys = own.values as unknown as ClusterSectionKeys
  return {
    name: keys.name,
    type: keys.type,
    line: section.line,
    configFile: keys['config-file'],
    allowedGroups: keys['allowed-groups'] ?? [],
    ...await loadClusterFile(plugin, {
      ...source,
      file: keys['config-file'],
      name: keys.name
    }, problems)
  }
}

/** Adds what is wrong to `problems`. The result may be used only if it adds nothing. */
export async function loadClusterFile (
  plugin: PluginDefinition,
  { file, name, configDir, scratchPath, read, exists, names }: FileSource,
  problems: Problem[]
): Promise<Pick<ClusterConfig, 'scratchPath' | 'concurrency' | 'maxWaitingJobs' | 'config'>> {
  const scanned = scanIni(await read(file) ?? '', { file })
  const sectionName = sectionOfType(plugin.type)
  const sections = groupSections(file, scanned.sections, { once: [sectionName], repeated: [] }, problems)
  const schema = clusterSchema(plugin)
  const conf = readSection(schema, {
    file,
    section: sections.get(sectionName)?.[0],
    names: { 'scratch-path of launcher.conf': scratchPath, 'config-dir': configDir, name }
  })
  problems.push(...scanned.problems, ...conf.problems)
  if (conf.problems.length === 0) problems.push(...await missingFiles(schema, conf, exists))
  const keys = conf.values as unknown as ClusterKeys
  return {
    scratchPath: keys['scratch-path'],
    concurrency: keys.concurrency,
    maxWaitingJobs: keys['max-waiting-jobs'],
    config: conf.problems.length > 0
      ? undefined
      : plugin.configOf(conf.values, {
        rendered: names.rendered,
        report: (key, problem) => problems.push(conf.at(key, problem)),
        nameOf: key => names.nameOf(basename(file), key) ?? key,
        lineOf (key) {
          const line = conf.lineOf(key)
          return line === undefined ? undefined : { file, line }
        }
      })
  }
}

function unknownType (type: string, plugins: readonly PluginDefinition[]): string {
  const types = plugins.map(plugin => plugin.type)
  return `is ${JSON.stringify(type)}, which no plugin backs${suggest(type, types) || '.'} ` +
    `There are: ${types.join(', ')}`
}
