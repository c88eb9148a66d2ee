// Opens the clusters of a configuration, and gives them a new one.

import { mkdir } from 'node:fs/promises'
import { LauncherError } from '../errors.ts'
import { CONTRACT, type PluginContext, type PluginDefinition } from '../plugin.ts'
import { createCluster, type Cluster, type ClusterConfig } from './cluster.ts'

/** Creates the plugin of the cluster, and the folder for its files. */
export async function openCluster (
  config: ClusterConfig,
  plugins: readonly PluginDefinition[],
  context: Omit<PluginContext, 'cluster' | 'scratchPath'>
): Promise<Cluster> {
  const definition = plugins.find(({ type }) => type === config.type)!
  if (definition.contract !== CONTRACT) {
    throw new LauncherError(
      'ConfInvalid',
      `The plugin ${definition.type} has contract version ${String(definition.contract)}; this launcher supports ` +
      `version ${CONTRACT}.`
    )
  }
  const { name: cluster, scratchPath } = config
  await mkdir(scratchPath, { recursive: true, mode: 0o700 })
  return createCluster(config, await definition.create(config.config, { ...context, cluster, scratchPath }))
}

/**
 * Reloads the clusters that are open already: all or none. If a plugin rejects its configuration, restores the old one
 * in those already reloaded, and rejects.
 */
export async function reloadClusters (
  clusters: ReadonlyMap<string, Cluster>,
  configs: readonly ClusterConfig[]
): Promise<void> {
  const reloaded: Cluster[] = []
  const known = configs.filter(({ name }) => clusters.has(name))
  try {
    for (const { name, config } of known) {
      const cluster = clusters.get(name)!
      await cluster.plugin.reload(config)
      reloaded.push(cluster)
    }
  } catch (error) {
    for (const { plugin, config: { config } } of reloaded) await plugin.reload(config)
    throw error
  }
  for (const config of known) {
    const cluster = clusters.get(config.name)!
    cluster.config = config
    cluster.starts.concurrency = config.concurrency
    cluster.starts.rulesChanged()
  }
}
