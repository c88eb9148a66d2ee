// Loads the configuration from the conf files in a folder.

import { join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { deepFreeze } from '../lib/deep-freeze.ts'
import { problemsError, type Problem } from '../lib/problem.ts'
import { scanIni } from '../lib/read-ini.ts'
import type { FileExists } from './check-named-files.ts'
import { LAUNCHER_CONF } from './conf-files.ts'
import { OWN_NAMES, type KeyNames } from './key-names.ts'
import { loadCluster, type ClusterSource } from './load-cluster.ts'
import { loadServer } from './load-server.ts'
import { readText, type ReadConf } from './read-text.ts'
import { groupSections } from './group-sections.ts'
import type { PluginDefinition } from '../plugin.ts'
import type { ClusterConfig, LauncherConfig } from './launcher-config.ts'

export interface LoadOptions {
  readonly read?: ReadConf
  /** Returns whether a file that a key names exists. By default, whether `read` finds it. */
  readonly exists?: FileExists
  readonly names?: KeyNames
}

/** Rejects with ConfInvalid, which lists every problem with file and line, or with FileNotReadable. */
export async function loadConfig (
  configDir: string,
  plugins: readonly PluginDefinition[],
  read: ReadConf = readText
): Promise<LauncherConfig> {
  const { config, problems } = await readConfig(configDir, plugins, { read })
  if (problems.length > 0) throw problemsError('ConfInvalid', problems)
  return config
}

/** The configuration may be used only if there are no problems. Rejects with FileNotReadable. */
export async function readConfig (
  configDir: string,
  plugins: readonly PluginDefinition[],
  { read = readText, exists = async path => await read(path) !== undefined, names = OWN_NAMES }: LoadOptions
): Promise<{ config: LauncherConfig, problems: readonly Problem[] }> {
  const file = join(configDir, LAUNCHER_CONF)
  const text = await read(file)
  if (text === undefined) throw new LauncherError('FileNotReadable', `${file} does not exist`, { file })

  const scanned = scanIni(text, { file })
  const problems: Problem[] = [...scanned.problems]
  const sections = groupSections(file, scanned.sections, { once: ['server'], repeated: ['cluster'] }, problems)
  const server = loadServer(file, sections.get('server')![0], configDir, names, problems)
  const clusters: ClusterConfig[] = []
  for (const section of sections.get('cluster')!) {
    const { scratchPath } = server
    const source: ClusterSource = { file, section, configDir, scratchPath, plugins, read, exists, names }
    const cluster = await loadCluster(source, problems)
    if (cluster === undefined) continue
    for (const other of clusters) problems.push(...conflicts(file, section.line, cluster, other))
    clusters.push(cluster)
  }
  if (sections.get('cluster')!.length === 0) {
    problems.push({ file, problem: 'has no section [cluster]; jobs need one to run on' })
  }
  return { config: deepFreeze({ configDir, server, clusters }), problems }
}

function conflicts (file: string, line: number, cluster: ClusterConfig, other: ClusterConfig): Problem[] {
  if (cluster.name === other.name) {
    return [{ file, line, key: 'name', problem: `is ${cluster.name} for two clusters; give each its own` }]
  }
  if (cluster.scratchPath !== other.scratchPath) return []
  return [
    {
      file: cluster.configFile,
      key: 'scratch-path',
      problem: `is ${cluster.scratchPath}, as for cluster ${other.name}; give each its own`
    }
  ]
}
