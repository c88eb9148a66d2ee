// Finds clusters that have their jobs in the same place of a backend. Each would adopt the jobs of the other.

import { join } from 'node:path'
import { isLauncherError } from '../errors.ts'
import { problemsError, type Problem } from '../lib/problem.ts'
import type { JobPlace, PluginDefinition } from '../plugin.ts'
import { LAUNCHER_CONF } from './conf-files.ts'
import type { ClusterConfig, LauncherConfig } from './launcher-config.ts'

export interface ClusterPlace extends Omit<JobPlace, 'id'> {
  readonly cluster: ClusterConfig
  /** Path of launcher.conf. */
  readonly file: string
  /** Undefined if it is not known. */
  readonly id: string | undefined
}

/**
 * Returns the places of the clusters that may share one with another, as their configuration has them. Leaves out a
 * cluster whose files cannot be read: its plugin reports that when it is created.
 */
export async function placesOf (
  { configDir, clusters }: LauncherConfig,
  plugins: readonly PluginDefinition[],
  environment: Readonly<Record<string, string | undefined>>
): Promise<readonly ClusterPlace[]> {
  const file = join(configDir, LAUNCHER_CONF)
  const places = await Promise.all(clusters.map(async (cluster): Promise<ClusterPlace[]> => {
    const plugin = plugins.find(({ type }) => type === cluster.type)
    const isAlone = clusters.every(({ name, type }) => name === cluster.name || type !== cluster.type)
    if (isAlone || plugin?.jobPlace === undefined) return []
    try {
      return [{ ...await plugin.jobPlace(cluster.config, environment), cluster, file }]
    } catch (error) {
      if (isLauncherError(error)) return []
      throw error
    }
  }))
  return places.flat()
}

/** Returns a problem for each cluster whose place an earlier one has. */
export function sharedPlaces (places: readonly ClusterPlace[]): Problem[] {
  return places.flatMap((place, index) => {
    const first = places.slice(0, index).find(other => isSame(place, other))
    return first === undefined ? [] : [problemOf(place, first)]
  })
}

/** Throws ConfInvalid if two clusters share a place. */
export function refuseSharedPlaces (places: readonly ClusterPlace[]): void {
  const problems = sharedPlaces(places)
  if (problems.length > 0) throw problemsError('ConfInvalid', problems)
}

function isSame (a: ClusterPlace, b: ClusterPlace): boolean {
  return a.id !== undefined && a.id === b.id && a.cluster.type === b.cluster.type
}

function problemOf ({ cluster, file, words, key }: ClusterPlace, first: ClusterPlace): Problem {
  const same = words === first.words ? '' : `, which is ${first.words}`
  const files = cluster.configFile === first.cluster.configFile
    ? `a config-file of its own, because ${cluster.configFile} is that of both, and in it another ${key}`
    : `another ${key} than the other, in ${first.cluster.configFile} or ${cluster.configFile}`
  return {
    file,
    line: cluster.line,
    key: `[cluster] ${cluster.name}`,
    problem: `has its jobs in ${words}${same}, as the cluster ${first.cluster.name} of line ${first.cluster.line} ` +
      `has; each would adopt the jobs of the other. Give one of them ${files}, or remove one`
  }
}
